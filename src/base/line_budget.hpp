// Bounds log lines of one kind: what fails a thousand times a second need not be said a thousand
// times. Any thread; time is an argument.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/deadline.hpp"

namespace mosaic::log {

class LineBudget {
 public:
  explicit LineBudget(std::uint32_t lines_per_s) : lines_per_s_(lines_per_s) {}

  /// Nothing when the line is one too many for this second, else how many were left out before it.
  std::optional<std::uint64_t> take(TimePoint now);

 private:
  const std::uint32_t lines_per_s_;
  std::mutex mutex_;
  TimePoint second_{};  ///< when the current one began
  std::uint32_t taken_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace mosaic::log
