// How long the log of writes is and who waits for it. Pushed by the log bridge at every tick.
#pragma once

#include <atomic>

#include "base/deadline.hpp"
#include "base/entry.hpp"
#include "metrics/registry.hpp"

namespace mosaic::metrics {

/// A log bridge that has not told its state for so long is stuck: the node is not ready.
constexpr std::chrono::seconds kLogSilenceMax{2};

struct LogState {
  Seq seq = 0;                    ///< of the newest entry
  std::uint64_t entries = 0;      ///< kept
  std::uint64_t bytes = 0;        ///< of its files
  std::uint64_t kept_bytes = 0;   ///< of memory that the kept entries take
  std::uint64_t lag_entries = 0;  ///< committed and not applied by the slowest shard
  std::uint64_t queue_bytes = 0;  ///< waiting to be applied, most of any collection
  std::uint64_t queue_bytes_max = 0;
  std::size_t waiting_for_commit = 0;  ///< writers
  std::size_t waiting_for_apply = 0;
  bool level = false;  ///< no shard is missed
};

class LogMetrics {
 public:
  explicit LogMetrics(Registry& registry);

  void tell(const LogState& state, TimePoint now);

  /// Whether no shard was missed when that was told last, which was not long ago.
  bool level(TimePoint now) const;

 private:
  Gauge& seq_;
  Gauge& entries_;
  Gauge& bytes_;
  Gauge& kept_bytes_;
  Gauge& lag_entries_;
  Gauge& queue_bytes_;
  Gauge& queue_bytes_max_;
  Gauge* waiting_for_commit_;
  Gauge* waiting_for_apply_;
  std::atomic<bool> level_ = false;
  std::atomic<TimePoint> told_{TimePoint::min()};
};

}  // namespace mosaic::metrics
