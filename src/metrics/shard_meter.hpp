// What is measured of one shard. Outlives the shard's actors, so that counts go on over restarts.
// Any thread may write and read: atomics alone, so that a search pays for additions and no lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "metrics/stopwatch.hpp"
#include "mosaic/collection.hpp"

namespace mosaic::metrics {

/// How often something happened and how long that took in all.
class Timing {
 public:
  struct Total {
    std::uint64_t count = 0;
    double seconds = 0;

    Total& operator+=(const Total& other) {
      count += other.count;
      seconds += other.seconds;
      return *this;
    }
  };

  void add(Seconds took) {
    count_.fetch_add(1, std::memory_order_relaxed);
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
    ns_.fetch_add(static_cast<std::uint64_t>(ns), std::memory_order_relaxed);
  }
  Total total() const { return {count_.load(), static_cast<double>(ns_.load()) * 1e-9}; }

 private:
  std::atomic<std::uint64_t> count_ = 0;
  std::atomic<std::uint64_t> ns_ = 0;
};

/// Builds of a shard's index, by how they ended.
struct IndexBuilds {
  std::atomic<std::uint64_t> built = 0;  ///< anew
  std::atomic<std::uint64_t> extended = 0;
  std::atomic<std::uint64_t> stopped = 0;
  std::atomic<std::uint64_t> failed = 0;
};

struct ShardMeter {
  Timing searches;
  Timing applies;
  std::atomic<std::uint64_t> restarts = 0;
  std::atomic<ShardState> state = ShardState::kStarting;
  std::atomic<bool> missed = false;  ///< not up, and the node is not ready without it

  std::atomic<std::uint64_t> documents = 0;
  std::atomic<std::uint64_t> file_bytes = 0;    ///< with the WAL and the index file
  std::atomic<std::uint64_t> memory_bytes = 0;  ///< of vectors and their graph
  std::atomic<std::uint64_t> applied_seq = 0;

  std::atomic<std::uint64_t> index_nodes = 0;  ///< vectors in the graph
  std::atomic<std::uint64_t> index_tail = 0;   ///< live ones that are not
  IndexBuilds index_builds;
  Timing index_build_time;                       ///< of those that gave a graph
  std::atomic<std::uint64_t> index_damages = 0;  ///< index files that were found damaged
};

using ShardMeterPtr = std::shared_ptr<ShardMeter>;

}  // namespace mosaic::metrics
