#include "cli/import/pipeline.hpp"

#include <algorithm>

namespace mosaic::cli {
namespace {

constexpr std::size_t kWaitingMax = 2;

}  // namespace

ImportPipeline::ImportPipeline(std::vector<Send> sends) {
  for (auto& send : sends) {
    threads_.emplace_back([this, send = std::move(send)] { run(send); });
  }
}

ImportPipeline::~ImportPipeline() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    abandoned_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool ImportPipeline::push(Batch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || waiting_.size() < kWaitingMax; });
  if (failure_) return false;
  waiting_.push_back(std::move(batch));
  changed_.notify_all();
  return true;
}

void ImportPipeline::finish() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return waiting_.empty() && under_way_.empty(); });
  if (failure_) std::rethrow_exception(failure_);
}

/// Only the batch in front may go: overtaking it could turn the order of two of one id round.
std::list<Batch>::iterator ImportPipeline::next_ready() {
  const bool blocked = waiting_.empty() || std::any_of(under_way_.begin(), under_way_.end(),
                                                       [this](const Batch& batch) {
                                                         return batch.overlaps(waiting_.front());
                                                       });
  return blocked ? waiting_.end() : waiting_.begin();
}

void ImportPipeline::send_one(const Send& send, std::list<Batch>::iterator batch,
                              std::unique_lock<std::mutex>& lock) {
  auto copy = *batch;  // What is under way stays visible to the other threads.
  std::exception_ptr thrown;
  lock.unlock();
  try {
    send(std::move(copy), [this](std::chrono::milliseconds duration) { return pause(duration); });
  } catch (...) {
    thrown = std::current_exception();
  }
  lock.lock();
  under_way_.erase(batch);
  if (thrown && !failure_) failure_ = thrown;
  if (failure_) waiting_.clear();
  changed_.notify_all();
}

bool ImportPipeline::pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [this] { return failure_ || abandoned_; });
}

void ImportPipeline::run(const Send& send) {
  std::unique_lock lock(mutex_);
  for (;;) {
    auto ready = waiting_.end();
    changed_.wait(lock, [&] {
      ready = next_ready();
      return ready != waiting_.end() || (closed_ && waiting_.empty());
    });
    if (ready == waiting_.end()) return;
    under_way_.splice(under_way_.end(), waiting_, ready);
    changed_.notify_all();
    send_one(send, ready, lock);
  }
}

}  // namespace mosaic::cli
