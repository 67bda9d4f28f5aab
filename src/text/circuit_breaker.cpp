#include "text/circuit_breaker.hpp"

#include <algorithm>
#include <utility>

namespace mosaic::text {

bool CircuitBreaker::allows(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (!open_) return true;
  if (now < until_) return false;
  probing_ = true;
  until_ = now + pause_;
  return true;
}

bool CircuitBreaker::succeeded() {
  const std::lock_guard lock(mutex_);
  probing_ = false;
  pause_ = kPauseFirst;
  return std::exchange(open_, false);
}

std::optional<std::chrono::milliseconds> CircuitBreaker::failed(TimePoint now) {
  const std::lock_guard lock(mutex_);
  // Those that were under way when it broke tell of the same failure.
  if (open_ && !probing_) return std::nullopt;
  open_ = true;
  probing_ = false;
  const auto pause = std::exchange(pause_, std::min(pause_ * 2, kPauseMax));
  until_ = now + pause;
  return pause;
}

}  // namespace mosaic::text
