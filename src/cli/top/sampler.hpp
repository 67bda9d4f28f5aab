// Reads a node again and again on a thread of its own, so that a node that does not answer never
// holds up a key. The owner waits on descriptor() and takes what came.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "cli/top/sample.hpp"

namespace mosaic::cli::top {

/// For each request: a node that takes longer is as good as away to somebody who watches it.
constexpr std::uint32_t kAnswerTimeoutMs = 3'000;

class Sampler {
 public:
  /// Throws Failure when the system has no descriptor left.
  Sampler(Server server, std::chrono::milliseconds interval);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// Readable while something is to be taken.
  int descriptor() const { return ready_; }

  /// The newest attempt since the last call.
  std::optional<Result<Sample>> take();

 private:
  void run();

  ApiClient client_;
  const std::chrono::milliseconds interval_;
  const int ready_;  ///< eventfd
  std::mutex mutex_;
  std::condition_variable ended_;
  bool stopping_ = false;
  std::optional<Result<Sample>> newest_;
  std::thread thread_;
};

}  // namespace mosaic::cli::top
