#include "cli/interrupt.hpp"

namespace mosaic::cli {
namespace {

volatile std::sig_atomic_t signal_raised = 0;

void on_signal(int) {
  signal_raised = 1;
}

}  // namespace

Interrupt::Interrupt() {
  signal_raised = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  // The default action comes back with the first signal, and ends the process at the second.
  action.sa_flags = SA_RESETHAND;
  ::sigaction(SIGINT, &action, &before_int_);
  ::sigaction(SIGTERM, &action, &before_term_);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &before_int_, nullptr);
  ::sigaction(SIGTERM, &before_term_, nullptr);
}

bool Interrupt::raised() const {
  return signal_raised != 0;
}

}  // namespace mosaic::cli
