#include "text/vector_cache.hpp"

namespace mosaic::text {
namespace {

/// Nodes of list and map, and the allocator's share of them.
constexpr std::uint64_t kEntryBytes = 160;

}  // namespace

std::string embedding_key(std::string_view embedder, std::uint32_t dimension,
                          std::string_view text) {
  std::string key(embedder);
  key.append(1, '\0').append(std::to_string(dimension)).append(1, '\0').append(text);
  return key;
}

std::uint64_t VectorCache::bytes_of(std::string_view key, const Vector& vector) {
  return kEntryBytes + key.size() + vector.size() * sizeof(float);
}

void VectorCache::put(std::string key, Vector vector) {
  const auto bytes = bytes_of(key, vector);
  entries_.put(std::move(key), std::move(vector), bytes);
}

}  // namespace mosaic::text
