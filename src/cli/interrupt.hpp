// Catches Ctrl-C (SIGINT) and SIGTERM while it lives, so that a long command can end in order. A
// second signal ends the process at once. One at a time in a process.
#pragma once

#include <csignal>

namespace mosaic::cli {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool raised() const;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

}  // namespace mosaic::cli
