#include "cli/progress_display.hpp"

namespace mosaic::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kLineEvery = std::chrono::seconds(2);
constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

ProgressDisplay::ProgressDisplay(std::ostream& err, Terminal terminal,
                                 std::function<Progress()> read)
    : err_(err), terminal_(terminal), read_(std::move(read)), thread_([this] { run(); }) {}

ProgressDisplay::~ProgressDisplay() {
  finish();
}

void ProgressDisplay::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    finished_ = true;
  }
  ended_.notify_all();
  thread_.join();
  if (drawn_ && terminal_.is_terminal) err_ << kClearLine << std::flush;
}

void ProgressDisplay::run() {
  const std::chrono::milliseconds period = terminal_.is_terminal ? kRedraw : kLineEvery;
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, period, [this] { return finished_; })) draw();
}

void ProgressDisplay::draw() {
  const auto now = std::chrono::steady_clock::now();
  if (terminal_.is_terminal) {
    // One column stays free: a full last column makes some terminals wrap.
    err_ << kClearLine << render_bar(read_(), terminal_.columns - 1, now) << std::flush;
  } else {
    err_ << render_line(read_(), now) << std::endl;
  }
  drawn_ = true;
}

}  // namespace mosaic::cli
