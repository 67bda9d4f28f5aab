// How a cache tells whoever counts: caches themselves know no instruments. Changes add up, also
// those of several caches, and one that ends takes back what it held.
#pragma once

#include <cstdint>
#include <functional>

namespace mosaic {

struct CacheChange {
  std::uint32_t hits = 0;  ///< lookups
  std::uint32_t misses = 0;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
};

/// Called on the thread that uses the cache, within its lock if it has one: it only counts.
using CacheWatch = std::function<void(const CacheChange&)>;

}  // namespace mosaic
