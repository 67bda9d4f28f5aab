// Watches something that must end: unless it is gone in time, calls back, once, on a thread of its
// own. What cannot be allowed to hang, like the end of a process, runs under one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace mosaic {

class Watchdog {
 public:
  Watchdog(std::chrono::milliseconds patience, std::function<void()> on_stuck);
  /// In time, or waits for the callback.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace mosaic
