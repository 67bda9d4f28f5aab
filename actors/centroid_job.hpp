// The worker of one job on the centroids of a collection: finds centroids for a sample of its
// vectors and sets them, where that is asked for; then moves every document to the shard of its
// nearest centroid, page by page, while searches and writes go on; at last measures what recall a
// search of the nearest shards may expect. Each page that moves is one entry of the log
// (base/entry.hpp), so every cut sees each document once. k-means itself is in routing/kmeans.hpp.
#pragma once

#include "actors/job_worker.hpp"
#include "routing/kmeans.hpp"
#include "shard/sample_draw.hpp"

namespace mosaic::actors {

/// Vectors that expected recall is measured with.
constexpr std::uint32_t kRecallSample = 5'000;
/// Over all shards; writes that came while centroids changed may need a second one.
constexpr int kMovePassesMax = 20;

struct centroid_state : job_worker_state {
  /// What failed and is tried again at the next `step`.
  std::function<void()> again;
  std::optional<TimePoint> failing_since;

  // A walk over all shards, one after the other, whatever for.
  ShardId shard;
  Row after = 0;

  std::uint64_t documents = 0;  ///< of the collection, about
  std::uint64_t seed = 0;
  std::optional<shard::SampleDraw> draw;
  std::uint64_t sampled = 0;  ///< vectors that centroids were found for
  routing::Kmeans found;      ///< without its centroids, which are in the log
  Seq awaited = 0;            ///< centroids that were set and are still to be heard of

  std::shared_ptr<const Centroids> centroids;  ///< that documents move to
  int passes = 0;
  std::uint64_t misplaced = 0;  ///< in this pass
  std::uint64_t looked_at = 0;  ///< documents, in this pass
  std::uint64_t moved = 0;
  Seq moved_at = 0;  ///< the last entry that moved anything

  static inline const char* name = "centroid_job";
};

job_worker_actor::behavior_type centroid_job(
    job_worker_actor::stateful_pointer<centroid_state> self, job_config config);

}  // namespace mosaic::actors
