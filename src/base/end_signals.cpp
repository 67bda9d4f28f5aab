#include "base/end_signals.hpp"

#include <array>

namespace mosaic {

EndSignals::EndSignals() {
  sigemptyset(&signals_);
  for (const int signal : std::array{SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  // A client that hangs up is an error of its connection, not of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

End EndSignals::wait() const {
  int signal = 0;
  sigwait(&signals_, &signal);
  return signal == SIGUSR1 ? End::kRestart : End::kStop;
}

bool EndSignals::stop_is_pending() const {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

}  // namespace mosaic
