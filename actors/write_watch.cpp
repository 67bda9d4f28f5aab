#include "actors/write_watch.hpp"

#include "base/log.hpp"
#include "base/machine_usage.hpp"

namespace mosaic::actors {
namespace {

metrics::Limit metric_of(cluster::GuardLimit limit) {
  return limit == cluster::GuardLimit::kMemory ? metrics::Limit::kMemory
                                               : metrics::Limit::kDiskFree;
}

}  // namespace

usage_source machine_usage(const std::string& data_dir) {
  // What cannot be measured now, as when no file descriptor is left, is as it was.
  const auto measure = [data_dir, usage = cluster::Usage()]() mutable {
    usage.resident_bytes = resident_bytes().value_or(usage.resident_bytes);
    usage.disk_free_bytes = free_disk_bytes(data_dir).value_or(usage.disk_free_bytes);
    return usage;
  };
  return {measure, release_free_memory};
}

write_watch::write_watch(const NodeSettings::Limits& limits, usage_source source,
                         metrics::NodeMetricsPtr metrics)
    : source_(std::move(source)), metrics_(std::move(metrics)), guard_(limits) {
  metrics_->limits.set(metrics::Limit::kMemory, limits.memory);
  metrics_->limits.set(metrics::Limit::kDiskFree, limits.disk_free);
  metrics_->limits.set(metrics::Limit::kDocuments, limits.collection_documents);
}

void write_watch::start() {
  if (!guard_.watches()) return;
  look(std::chrono::steady_clock::now());
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::unique_lock lock(waiting_);
    while (!over_.wait_for(lock, stop, kUsageInterval, [&] { return stop.stop_requested(); }))
      look(std::chrono::steady_clock::now());
  });
}

void write_watch::look(TimePoint now) {
  if (!step(source_.measure())) return;
  if (released_ && now - *released_ < kReleaseInterval) return;
  released_ = now;
  // What requests and indexes gave back stays with the allocator: without this, writes would be
  // refused for memory that nobody uses.
  source_.release_memory();
}

Status write_watch::check(cluster::WriteKind kind) {
  const std::lock_guard lock(mutex_);
  const auto refusal = guard_.refusal_of(kind);
  if (!refusal) return {};
  metrics_->limits.refused(metric_of(refusal->limit));
  return refusal->error;
}

bool write_watch::step(const cluster::Usage& usage) {
  const std::lock_guard lock(mutex_);
  for (const auto& turn : guard_.step(usage)) {
    metrics_->limits.reached(metric_of(turn.limit), turn.reached);
    if (turn.reached) {
      log::warn("writes are refused from now on: {}", turn.text);
    } else {
      log::info("writes are let in again: {}", turn.text);
    }
  }
  return guard_.memory_reached();
}

}  // namespace mosaic::actors
