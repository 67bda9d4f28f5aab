#include "search_load.hpp"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace mosaic::bench {
namespace {

using Clock = std::chrono::steady_clock;

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(const AsyncSearch& search, const SearchLoad& load)
      : search_(search), request_(load.request), begin_(Clock::now()), end_(begin_ + load.time) {}

  void send() {
    {
      const std::lock_guard lock(mutex_);
      ++under_way_;
    }
    search_(request_, [run = shared_from_this(), sent = Clock::now()](Result<SearchReply> reply) {
      run->answered(Clock::now() - sent, reply.ok());
    });
  }

  SearchFigures wait() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [&] { return under_way_ == 0; });
    SearchFigures figures;
    figures.errors = errors_;
    if (times_.empty()) return figures;
    std::sort(times_.begin(), times_.end());
    const auto took = std::chrono::duration<double>(last_ - begin_).count();
    figures.per_s = static_cast<double>(times_.size()) / took;
    figures.p50_ms = percentile_ms(0.5);
    figures.p95_ms = percentile_ms(0.95);
    figures.p99_ms = percentile_ms(0.99);
    return figures;
  }

 private:
  void answered(Clock::duration time, bool ok) {
    const auto now = Clock::now();
    {
      const std::lock_guard lock(mutex_);
      last_ = now;
      --under_way_;
      ok ? times_.push_back(time) : void(++errors_);
      if (now >= end_) {
        if (under_way_ == 0) idle_.notify_all();
        return;
      }
    }
    send();
  }

  double percentile_ms(double share) const {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(times_.size() - 1));
    return std::chrono::duration<double, std::milli>(times_[rank]).count();
  }

  const AsyncSearch search_;
  const SearchRequest request_;
  const Clock::time_point begin_;
  const Clock::time_point end_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t under_way_ = 0;
  std::size_t errors_ = 0;
  Clock::time_point last_;
  std::vector<Clock::duration> times_;
};

}  // namespace

SearchFigures measure(const AsyncSearch& search, const SearchLoad& load) {
  const auto run = std::make_shared<Run>(search, load);
  for (std::size_t i = 0; i < load.in_flight; ++i) run->send();
  return run->wait();
}

}  // namespace mosaic::bench
