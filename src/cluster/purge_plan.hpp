// What to purge, and in which steps: collection after collection, a little at a time, so that
// writes are not held up. A pure step function of what is asked and answered; no clock, no actor.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/entry.hpp"

namespace mosaic::cluster {

/// Versions, and as many links and PageRank values, that one entry removes in each shard: some ten
/// milliseconds of its time.
constexpr std::uint64_t kPurgeVersionsMax = 1'000;
/// Without retention, versions stay for so long after their end: searches and jobs that began
/// before it still read them.
constexpr std::int64_t kPurgeGraceMs = 60'000;

class PurgePlan {
 public:
  struct Collection {
    CollectionId id;
    std::uint64_t retention_s = 0;
  };
  /// The collection whose shards are to be asked how much a purge by `time_ms` would remove.
  struct Question {
    CollectionId collection;
    std::int64_t time_ms = 0;
    friend bool operator==(const Question&, const Question&) = default;
  };

  /// A round over `collections` begins, unless one is under way.
  void begin(const std::vector<Collection>& collections, std::int64_t now_ms);

  /// What to ask now; nothing once the round is over.
  std::optional<Question> question() const;

  /// The answers of those shards that gave one: the entry to append, after which the same is asked
  /// again, or nothing, and the next collection's turn has come.
  std::optional<Purge> answered(const std::vector<std::uint64_t>& purgeable);

  /// The collection at hand is left alone until the next round.
  void give_up();

 private:
  std::deque<Question> questions_;
};

}  // namespace mosaic::cluster
