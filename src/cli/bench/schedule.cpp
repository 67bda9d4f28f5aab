#include "cli/bench/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace mosaic::cli {

TimePoint BenchSchedule::next_due() const {
  if (over_) return TimePoint::max();
  if (rate_per_s_ == 0) return start_;
  const auto next = due(taken_);
  return next < end_ ? next : TimePoint::max();
}

std::optional<TimePoint> BenchSchedule::take(TimePoint now) {
  over_ = over_ || now >= end_;
  if (next_due() > now) return std::nullopt;
  if (rate_per_s_ == 0) return now;
  return due(taken_++);
}

void BenchSchedule::stop(TimePoint now) {
  end_ = std::min(end_, now);
  over_ = true;
}

std::uint64_t BenchSchedule::overdue(TimePoint now) const {
  if (rate_per_s_ == 0 || now <= start_) return 0;
  const std::chrono::duration<double> passed = std::min(now, end_) - start_;
  const auto due_by_now = static_cast<std::uint64_t>(std::ceil(passed.count() * rate_per_s_));
  return due_by_now > taken_ ? due_by_now - taken_ : 0;
}

/// From the number and not from the one before: roundings must not add up.
TimePoint BenchSchedule::due(std::uint64_t number) const {
  const std::chrono::duration<double> offset(static_cast<double>(number) / rate_per_s_);
  return start_ + std::chrono::duration_cast<TimePoint::duration>(offset);
}

}  // namespace mosaic::cli
