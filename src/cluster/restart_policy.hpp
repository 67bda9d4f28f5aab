// When a crashed child is started again: at once the first time, then with doubling pauses; after
// too many crashes in a window it is parked and tried rarely. A pure step function of (event, now).
// Owned by a supervisor, one for each child.
#pragma once

#include <chrono>
#include <deque>

#include "base/deadline.hpp"

namespace mosaic::cluster {

struct RestartLimits {
  std::chrono::milliseconds backoff_first{20};
  std::chrono::milliseconds backoff_max{5'000};
  std::size_t crashes_max = 5;  ///< within `window`; one more parks the child
  std::chrono::milliseconds window{30'000};
  std::chrono::milliseconds parked_retry{30'000};
};

struct RestartDecision {
  std::chrono::milliseconds after;
  bool parked;
};

class RestartPolicy {
 public:
  explicit RestartPolicy(RestartLimits limits = {}) : limits_(limits) {}

  /// The child has died at `now`.
  RestartDecision crashed(TimePoint now);

 private:
  RestartLimits limits_;
  std::deque<TimePoint> crashes_;
};

}  // namespace mosaic::cluster
