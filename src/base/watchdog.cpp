#include "base/watchdog.hpp"

namespace mosaic {

Watchdog::Watchdog(std::chrono::milliseconds patience, std::function<void()> on_stuck)
    : thread_([this, patience, on_stuck = std::move(on_stuck)] {
        std::unique_lock lock(mutex_);
        if (!ended_.wait_for(lock, patience, [this] { return over_; })) on_stuck();
      }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

}  // namespace mosaic
