// How the main thread of a node waits for its end: SIGINT and SIGTERM, and what its own parts have
// to say.
#pragma once

#include <pthread.h>

#include <csignal>

namespace mosaic {

enum class End { kStop, kRestart };

/// Made first, on the main thread: every other thread inherits its mask, and none but the main one
/// takes these signals.
class EndSignals {
 public:
  EndSignals();

  /// From any thread: as if SIGTERM had come.
  void ask_to_stop() const { pthread_kill(main_thread_, SIGTERM); }
  /// From any thread: what runs shall be started again.
  void ask_to_restart() const { pthread_kill(main_thread_, SIGUSR1); }

  End wait() const;
  /// Whether somebody wants the end while nobody waits.
  bool stop_is_pending() const;

 private:
  sigset_t signals_{};
  pthread_t main_thread_ = pthread_self();
};

}  // namespace mosaic
