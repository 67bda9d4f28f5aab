// Vectors that were paid for once: the least recently used go first when the bytes run out. Pure;
// belongs to one thread.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/cache_change.hpp"
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
      : bytes_max_(bytes_max), watch_(std::move(watch)) {}
  VectorCache(const VectorCache&) = delete;
  VectorCache& operator=(const VectorCache&) = delete;
  ~VectorCache();

  /// The vector, or null; from now on the most recently used. Valid until the next put.
  const Vector* get(std::string_view key);

  /// Keeps a vector, and lets others go for it. One that is larger than the whole is not kept.
  void put(std::string key, Vector vector);

  /// Of keys and vectors, with what keeping one costs; never above the limit.
  std::uint64_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }

  /// What one entry counts.
  static std::uint64_t bytes_of(std::string_view key, const Vector& vector);

 private:
  struct Entry {
    std::string key;
    Vector vector;
  };
  using Place = std::list<Entry>::iterator;

  void remove(Place place);
  void tell(const CacheChange& change) const {
    if (watch_) watch_(change);
  }

  std::uint64_t bytes_max_;
  CacheWatch watch_;
  std::uint64_t bytes_ = 0;
  std::list<Entry> entries_;                            ///< the most recently used first
  std::unordered_map<std::string_view, Place> places_;  ///< by the keys within the entries
};

}  // namespace mosaic::text
