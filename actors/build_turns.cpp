#include "actors/build_turns.hpp"

#include <utility>

namespace mosaic::actors {

build_turns::turn build_turns::take(std::function<void()> again) {
  const std::lock_guard lock(mutex_);
  if (taken_) {
    waiting_.push_back(std::move(again));
    return nullptr;
  }
  taken_ = true;
  return {this, [self = shared_from_this()](void*) { self->give_back(); }};
}

void build_turns::give_back() {
  std::vector<std::function<void()>> told;
  {
    const std::lock_guard lock(mutex_);
    taken_ = false;
    told.swap(waiting_);
  }
  // All of them: the first may be gone, and then nobody else would ever ask.
  for (const auto& again : told) again();
}

}  // namespace mosaic::actors
