#include "cli/top/watch.hpp"

#include <fmt/format.h>

namespace mosaic::cli::top {

Watch::Watch(std::string url, std::chrono::milliseconds interval, TimePoint now) : answered_(now) {
  view_.url = std::move(url);
  view_.interval_s = std::chrono::duration<double>(interval).count();
}

void Watch::take(Result<Sample> sample) {
  if (!sample) {
    error_ = sample.error().detail;
    if (!view_.paused) view_.history.add_gap();
    return;
  }
  error_.clear();
  answered_ = sample->at;
  if (view_.paused) return;
  if (last_) {
    view_.figures = figures_of(*last_, *sample);
    view_.history.add(*view_.figures);
  }
  last_ = std::move(*sample);
}

const View& Watch::view(TimePoint now) {
  view_.trouble.clear();
  if (!error_.empty()) {
    const auto silent = std::chrono::duration_cast<std::chrono::seconds>(now - answered_);
    view_.trouble =
        fmt::format("no answer from {} for {} s: {}", view_.url, silent.count(), error_);
  }
  return view_;
}

}  // namespace mosaic::cli::top
