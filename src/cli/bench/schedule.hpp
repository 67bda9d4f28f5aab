// When the requests of a load are due. In an open loop at fixed times, whatever the server does:
// latency is counted from there, so that a server that stalls cannot hide the requests that it kept
// from being sent ("coordinated omission", Gil Tene, https://github.com/giltene/wrk2). In a closed
// loop whenever a connection is free. Pure: time comes in as an argument.
#pragma once

#include <cstdint>
#include <optional>

#include "base/deadline.hpp"

namespace mosaic::cli {

class BenchSchedule {
 public:
  /// `rate_per_s` 0: a closed loop.
  BenchSchedule(TimePoint start, TimePoint end, double rate_per_s)
      : start_(start), end_(end), rate_per_s_(rate_per_s) {}

  /// When the next request is due; max when no further one will be.
  TimePoint next_due() const;

  /// Takes the next request if it is due, and gives the time from which its latency counts. What
  /// is still waiting for a connection at the end is not sent any more.
  std::optional<TimePoint> take(TimePoint now);

  /// Nothing more is due from `now` on.
  void stop(TimePoint now);

  /// Requests that were due before `now` and the end, and have not been taken.
  std::uint64_t overdue(TimePoint now) const;

 private:
  TimePoint due(std::uint64_t number) const;

  const TimePoint start_;
  TimePoint end_;
  const double rate_per_s_;
  std::uint64_t taken_ = 0;
  bool over_ = false;
};

}  // namespace mosaic::cli
