// A searcher that holds its documents in memory and behaves as a test says: it answers, keeps
// silent, fails or dies, in every question or in one.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "actors/protocol.hpp"

namespace mosaic::actors {

/// What a fake searcher holds and does. Outlives it.
struct fake_shard {
  enum class Mode { kAnswer, kHang, kFail, kCrash };

  ShardId id;
  std::vector<Document> documents;
  Seq seq = 1;            ///< the only cut at hand
  Seq space = 0;          ///< VectorOrigin::space, from the next search on
  bool moves_on = false;  ///< its seq grows with every search, so that cuts are gone
  Mode mode = Mode::kAnswer;
  std::set<std::string> only{};    ///< questions that `mode` is for; empty: all
  std::set<std::string> unseen{};  ///< ids that its index misses, and an exact search does not
  Error error{ErrorCode::kInternal, "fails on purpose"};
  std::map<std::string, int> asked{};
  std::vector<Seq> as_of{};     ///< of every question but `resolve`
  std::uint64_t purgeable = 0;  ///< what it says
  std::function<Result<Seq>(const AsOf&)> resolve = [](const AsOf& state) { return state.seq; };
  std::function<void()> before_stats = [] {};  ///< what happens while it is asked for statistics

  int asked_in_all() const {
    int sum = 0;
    for (const auto& [question, count] : asked) sum += count;
    return sum;
  }
};

searcher_actor::behavior_type fake_searcher(searcher_actor::pointer self, fake_shard* shard);

}  // namespace mosaic::actors
