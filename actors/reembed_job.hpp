// The worker of one job that takes a collection over to another embedder (docs/decisions/
// 0031-reembed.md). It says so by a log entry, embeds the live versions of all shards one after the
// other and stages their vectors by entries, while searches and writes go on with the old ones.
// When few are left it has writes held for a moment, embeds those few, and appends the one entry
// at which every shard goes over. Whatever else ends the job ends what it has staged, too.
#pragma once

#include "actors/job_worker.hpp"
#include "shard/unstaged_page.hpp"

namespace mosaic::actors {

/// Writes wait no longer than this for the last versions to be embedded. Then they go on, and the
/// job goes over what they wrote.
constexpr std::chrono::seconds kHoldMax{5};
/// A round that embeds more than this is followed by another before writes are held; after so many
/// rounds they are held all the same.
constexpr std::uint64_t kLastRoundMax = 1'000;
constexpr int kRoundsMax = 50;
/// Versions embedded at a time are one entry of the log.
constexpr std::size_t kStageVersionsMax = 1'000;
constexpr std::size_t kStageBytesMax = 4 << 20;
/// Of one request to an endpoint, and of an endpoint that fails again and again.
constexpr std::chrono::seconds kStageEmbedTimeout{60};
constexpr std::chrono::seconds kEndpointPatience{60};

struct reembed_state : job_worker_state {
  /// What failed and is tried again at the next `step`.
  std::function<void()> again;
  std::optional<TimePoint> failing_since;
  text::EmbedderPtr embedder;  ///< null: an endpoint

  Seq generation = 0;      ///< Reembedding::generation, once it has begun
  bool beginning = false;  ///< the entry that begins it is on its way
  Seq staged_at = 0;       ///< the last entry of this job; pages must show it
  ShardId shard;
  std::vector<Row> after;  ///< of each shard, what has been embedded
  int rounds = 0;
  std::uint64_t round_versions = 0;  ///< embedded in this round
  bool holding = false;
  bool switching = false;  ///< the last entry is on its way

  struct counts {
    std::uint64_t documents = 0;
    std::uint64_t staged = 0;
    std::uint64_t without = 0;
  };
  std::vector<counts> counted;     ///< of each shard, as of its last page
  std::optional<JobState> ending;  ///< what the job ends as once its staging has ended
  std::string ending_detail;

  static inline const char* name = "reembed_job";
};

job_worker_actor::behavior_type reembed_job(job_worker_actor::stateful_pointer<reembed_state> self,
                                            job_config config);

}  // namespace mosaic::actors
