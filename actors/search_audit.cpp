#include "actors/search_audit.hpp"

#include <fmt/format.h>

#include "actors/fan_out.hpp"
#include "query/audit.hpp"
#include "query/merge.hpp"

namespace mosaic::actors {
namespace {

/// What has been heard of an audit so far.
struct exact_answers {
  std::vector<query::Candidate> found;  ///< by the search
  std::vector<std::vector<query::Candidate>> arms;
  std::string error;
  Seq space = 0;  ///< of the query

  void heard(ShardId shard, Result<shard::ShardCandidates> answer) {
    if (answer && answer->space != space)
      answer = Error{ErrorCode::kUnavailable, "it has gone over to another embedder"};
    if (answer) return arms.push_back(std::move(answer->vector_arm));
    if (!error.empty()) return;
    error = fmt::format("shard {}: {}: {}", shard.value, to_string(answer.error().code),
                        answer.error().detail);
  }
};

Audit without_audit(std::string error) {
  Audit audit;
  audit.error = std::move(error);
  return audit;
}

}  // namespace

void audit_search(coordinator_actor::stateful_pointer<coordinator_state> self,
                  const std::shared_ptr<collection_route>& route, std::vector<ShardId> shards,
                  shard_search_request exact, std::vector<query::Candidate> found,
                  std::function<void(Audit)> done) {
  if (shards.empty()) return done(without_audit("no shard answered the search"));
  if (exact.deadline.left(self->clock().now()) == std::chrono::nanoseconds::zero())
    return done(without_audit("the search used all of its time"));
  auto answers = std::make_shared<exact_answers>();
  answers->found = std::move(found);
  answers->space = exact.query.space;
  fan_out<shard::ShardCandidates>(
      self, route, shards, exact.deadline,
      [exact](ShardId) { return std::make_tuple(search_atom_v, exact); },
      [answers](ShardId shard, Result<shard::ShardCandidates> answer) {
        answers->heard(shard, std::move(answer));
      },
      [answers, k = exact.query.depth, done = std::move(done)] {
        if (!answers->error.empty()) return done(without_audit(std::move(answers->error)));
        done(query::audit(answers->found, query::merge_top_k(std::move(answers->arms), k)));
      });
}

}  // namespace mosaic::actors
