// Follows one node from sample to sample: keeps the last one, the history, and how long the node
// has not answered. Pure; time comes with the calls.
#pragma once

#include <optional>
#include <string>

#include "cli/top/screen.hpp"

namespace mosaic::cli::top {

class Watch {
 public:
  Watch(std::string url, std::chrono::milliseconds interval, TimePoint now);

  /// What one attempt to read the node brought. While paused the screen keeps what it shows.
  void take(Result<Sample> sample);

  void pause_or_go_on() { view_.paused = !view_.paused; }
  void next_order() { view_.order = next(view_.order); }
  void show_keys() { view_.keys = true; }

  /// "no answer from URL for 12 s: why" is as of `now`.
  const View& view(TimePoint now);

 private:
  View view_;
  std::optional<Sample> last_;
  TimePoint answered_;  ///< when the node last did; before that, when the watch began
  std::string error_;
};

}  // namespace mosaic::cli::top
