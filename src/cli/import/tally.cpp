#include "cli/import/tally.hpp"

#include "base/failure.hpp"

namespace mosaic::cli {

void BadLines::add(BadLine line) {
  auto message = line.place + ": " + line.reason;
  if (!skip_) throw Failure(invalid(std::move(message)));
  const std::lock_guard lock(mutex_);
  ++count_;
  if (first_.size() < kBadLinesShown) first_.push_back(std::move(message));
}

std::uint64_t BadLines::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::vector<std::string> BadLines::first() const {
  const std::lock_guard lock(mutex_);
  return first_;
}

}  // namespace mosaic::cli
