// Vectors that were paid for once: the least recently used go first when the bytes run out. Pure;
// belongs to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/lru_cache.hpp"
#include "mosaic/document.hpp"

namespace mosaic::text {

/// Under which name the vector of a text is kept. It holds the whole text: users choose texts, and
/// could choose two with one hash, whose wrong vector nobody would ever notice. No embedder's name
/// holds the NUL between the parts.
std::string embedding_key(std::string_view embedder, std::uint32_t dimension,
                          std::string_view text);

class VectorCache {
 public:
  explicit VectorCache(std::uint64_t bytes_max, CacheWatch watch = {})
      : entries_(bytes_max, std::move(watch)) {}

  /// The vector, or null; from now on the most recently used. Valid until the next put.
  const Vector* get(std::string_view key) { return entries_.find(key); }

  /// Keeps a vector, and lets others go for it. One that is larger than the whole is not kept.
  void put(std::string key, Vector vector);

  /// Of keys and vectors, with what keeping one costs; never above the limit.
  std::uint64_t bytes() const { return entries_.bytes(); }
  std::size_t size() const { return entries_.size(); }

  /// What one entry counts.
  static std::uint64_t bytes_of(std::string_view key, const Vector& vector);

 private:
  LruCache<Vector> entries_;
};

}  // namespace mosaic::text
