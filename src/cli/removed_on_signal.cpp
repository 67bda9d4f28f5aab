#include "cli/removed_on_signal.hpp"

#include <unistd.h>

#include <climits>

namespace mosaic::cli {
namespace {

// Where a signal handler finds it; a longer path cannot be opened either.
char doomed[PATH_MAX];

/// The default action is back already, and meets the second signal when this returns.
void on_signal(int signal) {
  ::unlink(doomed);
  ::raise(signal);
}

}  // namespace

RemovedOnSignal::RemovedOnSignal(const std::string& path) {
  doomed[path.copy(doomed, sizeof doomed - 1)] = '\0';
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESETHAND;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

RemovedOnSignal::~RemovedOnSignal() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
}

}  // namespace mosaic::cli
