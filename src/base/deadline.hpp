// A point in time after which nobody waits for the answer any more.
#pragma once

#include <chrono>

namespace mosaic {

using TimePoint = std::chrono::steady_clock::time_point;

struct Deadline {
  TimePoint at = TimePoint::max();

  static Deadline in(TimePoint now, std::chrono::milliseconds budget) { return {now + budget}; }
  bool passed(TimePoint now) const { return now >= at; }
  std::chrono::nanoseconds left(TimePoint now) const {
    return passed(now) ? std::chrono::nanoseconds{0} : at - now;
  }
};

}  // namespace mosaic
