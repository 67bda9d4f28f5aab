// Shows the progress of a command on stderr while it runs: a bar that is redrawn on a terminal,
// plain lines elsewhere. Owns one thread; `read` is called on it and must be safe there.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "cli/progress.hpp"
#include "cli/terminal.hpp"

namespace mosaic::cli {

class ProgressDisplay {
 public:
  ProgressDisplay(std::ostream& err, Terminal terminal, std::function<Progress()> read);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  /// Ends the display and clears the bar; the caller prints what came of it.
  void finish();

 private:
  void run();
  void draw();

  std::ostream& err_;
  const Terminal terminal_;
  const std::function<Progress()> read_;
  bool drawn_ = false;  // By the thread; read after it has ended.
  std::mutex mutex_;
  std::condition_variable ended_;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace mosaic::cli
