// What the caches of a node did: one set of series for each cache.
#pragma once

#include <array>
#include <string_view>

#include "base/cache_change.hpp"
#include "metrics/registry.hpp"

namespace mosaic::metrics {

enum class Cache : std::uint8_t {
  kFilter,           ///< bitmaps of filters, of all shards
  kEmbedding,        ///< vectors of texts in this process
  kSharedEmbedding,  ///< vectors of texts in the store that nodes share
  kResult,           ///< answers to searches
};
constexpr std::size_t kCaches = 4;

std::string_view to_string(Cache cache);

class CacheMetrics {
 public:
  explicit CacheMetrics(Registry& registry);

  void hit(Cache cache, std::size_t times = 1);
  void miss(Cache cache, std::size_t times = 1);
  /// The cache could not be asked, as when the shared store is away.
  void failed(Cache cache, std::size_t times = 1);

  /// Lookups and changes of what it holds: caches of several shards add up.
  void changed(Cache cache, const CacheChange& change);

 private:
  struct Series {
    Counter* hits;
    Counter* misses;
    Counter* failures;
    Gauge* entries;
    Gauge* bytes;
  };
  const Series& of(Cache cache) const { return series_[static_cast<std::size_t>(cache)]; }

  std::array<Series, kCaches> series_;
};

}  // namespace mosaic::metrics
