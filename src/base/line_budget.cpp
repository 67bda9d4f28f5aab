#include "base/line_budget.hpp"

#include <utility>

namespace mosaic::log {

std::optional<std::uint64_t> LineBudget::take(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    taken_ = 0;
  }
  if (taken_ == lines_per_s_) {
    ++left_out_;
    return std::nullopt;
  }
  ++taken_;
  return std::exchange(left_out_, 0);
}

}  // namespace mosaic::log
