#include "metrics/limit_metrics.hpp"

#include <string>

namespace mosaic::metrics {

std::string_view to_string(Limit limit) {
  switch (limit) {
    case Limit::kMemory:
      return "memory";
    case Limit::kDiskFree:
      return "disk_free";
    case Limit::kDocuments:
      return "documents";
  }
  return "unknown";
}

LimitMetrics::LimitMetrics(Registry& registry) {
  auto& values = gauges(registry, "mosaic_limit",
                        "Limits in force: bytes of memory and of free disk, documents of a "
                        "collection; 0: none");
  auto& reached = gauges(registry, "mosaic_limit_reached",
                         "1 while writes are refused because of the limit, else 0");
  auto& refusals = counters(registry, "mosaic_limit_refusals_total",
                            "Writing requests that were refused because of the limit");
  for (std::size_t i = 0; i < kLimits; ++i) {
    const prometheus::Labels labels{{"limit", std::string(to_string(static_cast<Limit>(i)))}};
    series_[i] = {&values.Add(labels), &reached.Add(labels), &refusals.Add(labels)};
  }
}

void LimitMetrics::set(Limit limit, std::uint64_t value) {
  of(limit).value->Set(static_cast<double>(value));
}

void LimitMetrics::reached(Limit limit, bool reached) {
  of(limit).reached->Set(reached ? 1 : 0);
}

void LimitMetrics::refused(Limit limit) {
  of(limit).refusals->Increment();
}

}  // namespace mosaic::metrics
