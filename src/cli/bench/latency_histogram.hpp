// Counts durations in buckets that grow with them, as HdrHistogram does (log-linear, Gil Tene): an
// octave has 512 buckets, so a percentile is never more than 0.2 % too high, over any range and in
// constant memory. One thread. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mosaic::cli {

class LatencyHistogram {
 public:
  using Time = std::chrono::nanoseconds;

  /// Negative times count as none, those over an hour as an hour.
  void record(Time time);

  /// The time that a `share` (0 to 1) of all does not exceed (nearest rank, upper edge of its
  /// bucket, never above max()); 0 without any.
  Time percentile(double share) const;

  std::uint64_t count() const { return count_; }
  Time min() const { return count_ == 0 ? Time{0} : min_; }
  Time max() const { return max_; }
  double mean_ns() const;
  void clear();

 private:
  std::vector<std::uint64_t> counts_;  ///< grown to the largest bucket in use
  std::uint64_t count_ = 0;
  Time min_ = Time::max();
  Time max_{0};
  double sum_ns_ = 0;
};

}  // namespace mosaic::cli
