#include "metrics/cache_metrics.hpp"

#include <string>

namespace mosaic::metrics {

std::string_view to_string(Cache cache) {
  switch (cache) {
    case Cache::kFilter:
      return "filter";
    case Cache::kEmbedding:
      return "embedding";
    case Cache::kSharedEmbedding:
      return "shared_embedding";
    case Cache::kResult:
      return "result";
  }
  return "unknown";
}

CacheMetrics::CacheMetrics(Registry& registry) {
  auto& requests = counters(registry, "mosaic_cache_requests_total",
                            "Lookups in a cache by what came of them: hit, miss or error");
  auto& entries = gauges(registry, "mosaic_cache_entries", "Entries that a cache holds");
  auto& bytes = gauges(registry, "mosaic_cache_bytes", "Memory that the entries of a cache take");
  for (std::size_t i = 0; i < kCaches; ++i) {
    const std::string cache(to_string(static_cast<Cache>(i)));
    series_[i] = {&requests.Add({{"cache", cache}, {"result", "hit"}}),
                  &requests.Add({{"cache", cache}, {"result", "miss"}}),
                  &requests.Add({{"cache", cache}, {"result", "error"}}),
                  &entries.Add({{"cache", cache}}), &bytes.Add({{"cache", cache}})};
  }
}

void CacheMetrics::hit(Cache cache, std::size_t times) {
  of(cache).hits->Increment(static_cast<double>(times));
}

void CacheMetrics::miss(Cache cache, std::size_t times) {
  of(cache).misses->Increment(static_cast<double>(times));
}

void CacheMetrics::failed(Cache cache, std::size_t times) {
  of(cache).failures->Increment(static_cast<double>(times));
}

void CacheMetrics::changed(Cache cache, const CacheChange& change) {
  const auto& series = of(cache);
  if (change.hits != 0) series.hits->Increment(change.hits);
  if (change.misses != 0) series.misses->Increment(change.misses);
  if (change.entries == 0 && change.bytes == 0) return;
  series.entries->Increment(static_cast<double>(change.entries));
  series.bytes->Increment(static_cast<double>(change.bytes));
}

}  // namespace mosaic::metrics
