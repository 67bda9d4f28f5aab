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

VectorCache::~VectorCache() {
  tell(
      {.entries = -static_cast<std::int64_t>(size()), .bytes = -static_cast<std::int64_t>(bytes_)});
}

const Vector* VectorCache::get(std::string_view key) {
  const auto found = places_.find(key);
  if (found == places_.end()) {
    tell({.misses = 1});
    return nullptr;
  }
  tell({.hits = 1});
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->vector;
}

void VectorCache::put(std::string key, Vector vector) {
  if (const auto found = places_.find(key); found != places_.end()) remove(found->second);
  const auto bytes = bytes_of(key, vector);
  if (bytes > bytes_max_) return;
  while (bytes_ + bytes > bytes_max_) remove(std::prev(entries_.end()));
  entries_.push_front({std::move(key), std::move(vector)});
  places_.emplace(entries_.front().key, entries_.begin());
  bytes_ += bytes;
  tell({.entries = 1, .bytes = static_cast<std::int64_t>(bytes)});
}

void VectorCache::remove(Place place) {
  const auto bytes = bytes_of(place->key, place->vector);
  bytes_ -= bytes;
  tell({.entries = -1, .bytes = -static_cast<std::int64_t>(bytes)});
  places_.erase(place->key);
  entries_.erase(place);
}

}  // namespace mosaic::text
