// Counts the steps of one long computation and looks at the clock now and then. One computation,
// one thread.
#pragma once

#include <cstddef>

#include "base/deadline.hpp"

namespace mosaic::storage {

class Patience {
 public:
  explicit Patience(Deadline deadline) : deadline_(deadline) {}

  /// Adds work of `steps` bytes or comparisons; true when the deadline was seen to have passed.
  bool lost(std::size_t steps) {
    since_look_ += steps;
    if (since_look_ < kStepsPerLook) return false;
    since_look_ = 0;
    return deadline_.passed(std::chrono::steady_clock::now());
  }

 private:
  static constexpr std::size_t kStepsPerLook = 1 << 14;  ///< about 20 microseconds

  Deadline deadline_;
  std::size_t since_look_ = 0;
};

}  // namespace mosaic::storage
