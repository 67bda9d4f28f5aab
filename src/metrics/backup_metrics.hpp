// Backups that the node has made, asked for or by its schedule. Pushed by the jobs actor.
#pragma once

#include <cstdint>

#include "metrics/registry.hpp"

namespace mosaic::metrics {

class BackupMetrics {
 public:
  explicit BackupMetrics(Registry& registry)
      : completed_(counter(registry, "mosaic_backups_total", "Backups that were completed")),
        failures_(counter(registry, "mosaic_backup_failures_total", "Backups that failed")),
        last_(gauge(registry, "mosaic_backup_last_success_timestamp_seconds",
                    "When the last backup was completed, in seconds since 1970; 0: none since the "
                    "start")) {}

  void completed(std::int64_t now_ms) {
    completed_.Increment();
    last_.Set(static_cast<double>(now_ms) / 1'000);
  }
  void failed() { failures_.Increment(); }

 private:
  Counter& completed_;
  Counter& failures_;
  Gauge& last_;
};

}  // namespace mosaic::metrics
