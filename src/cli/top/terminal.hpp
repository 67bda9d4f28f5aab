// The terminal while `mosaic top` has it: alternate screen, hidden cursor, keys without Enter. What
// was there before comes back whatever ends the command: a key, a signal or an exception. One at a
// time, used by one thread, made before any other thread is.
#pragma once

#include <signal.h>
#include <termios.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/top/screen.hpp"

namespace mosaic::cli::top {

/// What a person or the system wants; kNothing: time has passed or `descriptor` is readable.
enum class Wish { kNothing, kQuit, kSort, kPause, kRedraw };

class TopTerminal {
 public:
  /// `out` writes to the terminal of descriptor 1; keys come from descriptor 0 if that is one.
  explicit TopTerminal(std::ostream& out);
  ~TopTerminal();
  TopTerminal(const TopTerminal&) = delete;
  TopTerminal& operator=(const TopTerminal&) = delete;

  /// As large as it is now.
  ScreenSize size() const;
  void draw(const std::vector<std::string>& lines);

  /// Until a key, a signal, `descriptor` or the time.
  Wish wait(int descriptor, int timeout_ms);

  bool has_keys() const { return modes_.has_value(); }

 private:
  void enter();
  void leave();
  Wish key();
  Wish signal();

  std::ostream& out_;
  std::optional<termios> modes_;  ///< of the terminal that keys come from, as they were
  sigset_t mask_{};               ///< of the process, as it was
  int signals_ = -1;              ///< signalfd
};

}  // namespace mosaic::cli::top
