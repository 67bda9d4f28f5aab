// What the tests of a client have in common: requests, and outcomes that come later.
#pragma once

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>

#include "fake_node.hpp"
#include "mosaic/client.hpp"

namespace mosaic::actors {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Far above what anything here takes, far below a request's timeout.
inline constexpr auto kSoon = 5s;
inline constexpr auto kLongTimeout = 60s;

inline Client::Options options_for(const std::vector<std::uint16_t>& ports,
                                   std::chrono::milliseconds timeout = kLongTimeout) {
  Client::Options options;
  for (const auto port : ports) options.nodes.push_back({"127.0.0.1", port});
  options.request_timeout = timeout;
  return options;
}

inline Client::Options options_for(std::uint16_t port,
                                   std::chrono::milliseconds timeout = kLongTimeout) {
  return options_for(std::vector{port}, timeout);
}

/// A port that nobody listens on.
inline std::uint16_t free_port() {
  return FakeNode({}).port();
}

inline SearchRequest search_for(std::size_t k = 3) {
  SearchRequest request;
  request.collection = "docs";
  request.k = k;
  return request;
}

inline UpsertRequest one_document() {
  UpsertRequest request{"docs", {}};
  request.documents.resize(1);
  return request;
}

/// Counts what happens on other threads.
class Count {
 public:
  void operator()() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool reaches(std::size_t wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kSoon, [&] { return count_ >= wanted; });
  }
  std::size_t now() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

/// The outcome of a call, given later.
template <class T>
struct Outcome {
  std::shared_ptr<std::promise<Result<T>>> promise = std::make_shared<std::promise<Result<T>>>();
  std::future<Result<T>> future = promise->get_future();

  Done<T> done() {
    return [promise = promise](Result<T> result) { promise->set_value(std::move(result)); };
  }
  std::optional<Result<T>> soon() {
    if (future.wait_for(kSoon) != std::future_status::ready) return std::nullopt;
    return future.get();
  }
};

inline fake_engine_config silent(const std::shared_ptr<Count>& arrived) {
  fake_engine_config config;
  config.answer = FakeAnswer::kNever;
  config.on_request = [arrived] { (*arrived)(); };
  return config;
}

}  // namespace mosaic::actors
