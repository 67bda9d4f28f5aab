#include "metrics/log_metrics.hpp"

namespace mosaic::metrics {

LogMetrics::LogMetrics(Registry& registry)
    : seq_(gauge(registry, "mosaic_log_seq", "Number of the newest entry of the log")),
      entries_(gauge(registry, "mosaic_log_entries", "Entries that the log keeps")),
      bytes_(gauge(registry, "mosaic_log_bytes", "Size of the log's files on disk")),
      kept_bytes_(gauge(registry, "mosaic_log_kept_bytes",
                        "Bytes of memory that the entries take which the log keeps")),
      lag_entries_(gauge(registry, "mosaic_log_lag_entries",
                         "Entries of its collection that the slowest shard has not applied; "
                         "of those from before the start at most so many")),
      queue_bytes_(gauge(registry, "mosaic_apply_queue_bytes",
                         "Bytes of writes that wait to be applied, most of any collection")),
      queue_bytes_max_(gauge(registry, "mosaic_apply_queue_bytes_max",
                             "Bytes that may wait in a collection before writes are refused")) {
  auto& waiting =
      gauges(registry, "mosaic_writers_waiting", "Writes that wait for the log or for shards");
  waiting_for_commit_ = &waiting.Add({{"for", "commit"}});
  waiting_for_apply_ = &waiting.Add({{"for", "apply"}});
}

void LogMetrics::tell(const LogState& state, TimePoint now) {
  seq_.Set(static_cast<double>(state.seq));
  entries_.Set(static_cast<double>(state.entries));
  bytes_.Set(static_cast<double>(state.bytes));
  kept_bytes_.Set(static_cast<double>(state.kept_bytes));
  lag_entries_.Set(static_cast<double>(state.lag_entries));
  queue_bytes_.Set(static_cast<double>(state.queue_bytes));
  queue_bytes_max_.Set(static_cast<double>(state.queue_bytes_max));
  waiting_for_commit_->Set(static_cast<double>(state.waiting_for_commit));
  waiting_for_apply_->Set(static_cast<double>(state.waiting_for_apply));
  level_ = state.level;
  told_ = now;
}

bool LogMetrics::level(TimePoint now) const {
  const auto told = told_.load();
  return level_ && told != TimePoint::min() && now - told <= kLogSilenceMax;
}

}  // namespace mosaic::metrics
