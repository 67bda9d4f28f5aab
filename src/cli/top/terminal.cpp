#include "cli/top/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

#include "base/failure.hpp"

namespace mosaic::cli::top {
namespace {

// Control sequences of xterm that every terminal of today knows: alternate screen, cursor, and no
// wrapping of a line that a terminal takes for wider than we do.
constexpr auto kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr auto kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr auto kHome = "\x1b[H";
constexpr auto kClearLine = "\x1b[K";
constexpr auto kClearBelow = "\x1b[J";
constexpr ScreenSize kUnknownSize = {80, 24};

sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH}) {
    sigaddset(&signals, each);
  }
  return signals;
}

/// As if nobody had taken the signal: the kernel then lets a process run on that no shell could
/// continue, as one in a container.
void stop_by_default() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
  ::raise(SIGTSTP);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
}

}  // namespace

TopTerminal::TopTerminal(std::ostream& out) : out_(out) {
  // Taken as events: a handler could not put a terminal back.
  const auto signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, &mask_);
  signals_ = ::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (signals_ < 0) throw Failure(ErrorCode::kInternal, "cannot watch: no file descriptor is left");
  enter();
}

TopTerminal::~TopTerminal() {
  leave();
  ::close(signals_);
  pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
}

void TopTerminal::enter() {
  termios modes{};
  if (::tcgetattr(STDIN_FILENO, &modes) == 0) {
    modes_ = modes;
    modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    modes.c_cc[VMIN] = 0;
    modes.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
  }
  out_ << kEnter << std::flush;
}

void TopTerminal::leave() {
  out_ << kLeave << std::flush;
  if (modes_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*modes_);
}

ScreenSize TopTerminal::size() const {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return kUnknownSize;
  }
  return {size.ws_col, size.ws_row};
}

void TopTerminal::draw(const std::vector<std::string>& lines) {
  // One piece, so that no half of a screen is seen.
  std::string screen = kHome;
  std::string_view separator;
  for (const auto& line : lines) {
    screen += separator;
    screen += line + kClearLine;
    separator = "\r\n";
  }
  out_ << screen << kClearBelow << std::flush;
}

Wish TopTerminal::wait(int descriptor, int timeout_ms) {
  std::array<pollfd, 3> polls = {{{signals_, POLLIN, 0},
                                  {descriptor, POLLIN, 0},
                                  {has_keys() ? STDIN_FILENO : -1, POLLIN, 0}}};
  if (::poll(polls.data(), polls.size(), timeout_ms) <= 0) return Wish::kNothing;
  if (polls[0].revents != 0) return signal();
  if (polls[2].revents != 0) return key();
  return Wish::kNothing;
}

Wish TopTerminal::key() {
  char key = 0;
  if (::read(STDIN_FILENO, &key, 1) <= 0) return Wish::kQuit;  // The terminal is gone.
  switch (key) {
    case 'q':
      return Wish::kQuit;
    case 's':
      return Wish::kSort;
    case 'p':
      return Wish::kPause;
    default:
      return Wish::kNothing;
  }
}

Wish TopTerminal::signal() {
  signalfd_siginfo info{};
  if (::read(signals_, &info, sizeof info) != sizeof info) return Wish::kNothing;
  if (info.ssi_signo == SIGWINCH) return Wish::kRedraw;
  if (info.ssi_signo != SIGTSTP) return Wish::kQuit;
  leave();
  stop_by_default();
  enter();
  return Wish::kRedraw;
}

}  // namespace mosaic::cli::top
