// Answers to searches, kept until the collection changes: an answer is given again only to the same
// request at the seq it was made at, so that it is what a new search would find. The least recently
// used go first within a number of bytes, in all. Thread-safe; shared by the coordinators of a
// node.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/lru_cache.hpp"
#include "mosaic/search.hpp"

namespace mosaic::query {

/// Under which name the answer to `request` to the collection of number `collection` is kept: all
/// that bears on the hits, whole, since a hash could be met on purpose.
std::string result_key(Seq collection, const SearchRequest& request);

/// `explain` and `audit` ask about one search, not for its hits; a state of before is ranked with
/// the statistics of now.
bool may_recall(const SearchRequest& request);
/// A partial answer is that of a moment.
bool may_keep(const SearchReply& reply);

class ResultCache {
 public:
  /// With 0 bytes nothing is kept and nothing counted.
  explicit ResultCache(std::uint64_t bytes_max, CacheWatch watch = {})
      : entries_(bytes_max, std::move(watch)) {}

  bool on() const { return entries_.bytes_max() > 0; }
  /// The answer made at exactly `seq`, or null. Its `took_ms` is that of the search that made it.
  std::shared_ptr<const SearchReply> find(const std::string& key, Seq seq);
  /// Keeps the answer of the state `reply.seq` unless one of a later state is known, or it takes
  /// too much of the whole.
  void keep(std::string key, std::shared_ptr<const SearchReply> reply);

  std::uint64_t bytes() const;

 private:
  mutable std::mutex mutex_;  ///< guards everything below
  LruCache<std::shared_ptr<const SearchReply>> entries_;
};

}  // namespace mosaic::query
