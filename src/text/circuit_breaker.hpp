// Leaves something alone that has failed: for a second at first, then for twice as long after each
// attempt that fails, too. One attempt at a time is made to find out. Several threads share one, so
// that a server that hangs holds up one of them and not all. Time is an argument.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "base/deadline.hpp"

namespace mosaic::text {

class CircuitBreaker {
 public:
  static constexpr std::chrono::milliseconds kPauseFirst{1'000};
  static constexpr std::chrono::milliseconds kPauseMax{30'000};

  /// Whether to try now; whoever may, tells what came of it. One who does not is as one who failed.
  bool allows(TimePoint now);

  /// Whether this ended an outage.
  bool succeeded();

  /// The pause that has begun; nothing when one was under way already.
  std::optional<std::chrono::milliseconds> failed(TimePoint now);

 private:
  std::mutex mutex_;
  bool open_ = false;                              ///< it is being left alone
  bool probing_ = false;                           ///< somebody finds out whether it is back
  std::chrono::milliseconds pause_ = kPauseFirst;  ///< after the next failure
  TimePoint until_;
};

}  // namespace mosaic::text
