#include "cli/top/sampler.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace mosaic::cli::top {
namespace {

int make_event() {
  const int event = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (event < 0) throw Failure(ErrorCode::kInternal, "cannot watch: no file descriptor is left");
  return event;
}

}  // namespace

Sampler::Sampler(Server server, std::chrono::milliseconds interval)
    : client_(std::move(server), kAnswerTimeoutMs),
      interval_(interval),
      ready_(make_event()),
      thread_([this] { run(); }) {}

Sampler::~Sampler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ended_.notify_all();
  thread_.join();
  ::close(ready_);
}

std::optional<Result<Sample>> Sampler::take() {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(ready_, &count, sizeof count);  // Empty is fine, too.
  return std::exchange(newest_, std::nullopt);
}

void Sampler::run() {
  auto due = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    auto sample = read_sample(client_);
    lock.lock();
    newest_ = std::move(sample);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(ready_, &one, sizeof one);  // Full is readable, too.
    // A node that answers late is not asked twice at once afterwards.
    due = std::max(due + interval_, std::chrono::steady_clock::now());
    ended_.wait_until(lock, due, [this] { return stopping_; });
  }
}

}  // namespace mosaic::cli::top
