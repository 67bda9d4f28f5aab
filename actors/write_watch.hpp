// Write watch: the guard of memory and disk as all fronts of a node share it. A thread of its own
// measures, so that a disk that hangs, or memory that takes long to give back, holds up nobody;
// metrics and log are told what begins and ends. Any thread may check.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/deadline.hpp"
#include "cluster/write_guard.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::actors {

/// Between two measurements: little can be written meanwhile.
constexpr std::chrono::milliseconds kUsageInterval{200};
/// How often the allocator is asked to give back what was freed while limits.memory is reached.
constexpr std::chrono::seconds kReleaseInterval{5};

/// How the watch measures, and makes room.
struct usage_source {
  std::function<cluster::Usage()> measure;
  std::function<void()> release_memory;
};

/// Of this process and the disk of its data folder.
usage_source machine_usage(const std::string& data_dir);

class write_watch {
 public:
  write_watch(const NodeSettings::Limits& limits, usage_source source,
              metrics::NodeMetricsPtr metrics);

  /// Measures from now on at intervals, until this ends; once before it returns.
  void start();
  /// Measures, and makes room while memory is short.
  void look(TimePoint now);
  /// Whether a request of this kind may come in, by the last measurement; the Error names the
  /// limit, its value and the use.
  Status check(cluster::WriteKind kind);

 private:
  /// Whether memory is short.
  bool step(const cluster::Usage& usage);

  const usage_source source_;
  const metrics::NodeMetricsPtr metrics_;
  std::mutex mutex_;  ///< guards the guard
  cluster::WriteGuard guard_;
  std::optional<TimePoint> released_;  ///< of look() alone
  std::mutex waiting_;
  std::condition_variable_any over_;
  std::jthread thread_;  ///< Last: it uses all of the above.
};

using write_watch_ptr = std::shared_ptr<write_watch>;

}  // namespace mosaic::actors
