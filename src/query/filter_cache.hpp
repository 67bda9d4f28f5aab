// The rows of recent filters over one shard, least recently used first out, within a number of
// bytes. Rows never change, so a known result stays right for ever and is only extended by the rows
// written since. Thread-safe; no lock is held while rows are looked for.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/lru_cache.hpp"
#include "query/filter_rows.hpp"

namespace mosaic::query {

class FilterCache {
 public:
  explicit FilterCache(std::size_t bytes_max, CacheWatch watch = {})
      : entries_(bytes_max, std::move(watch)) {}

  /// The matching rows of `source`, as matching_rows(). May hold rows past source.last_row() that
  /// a newer view has found: they do no harm, because a view takes no notice of rows it lacks.
  std::shared_ptr<const RowSet> rows(const Filter& filter, RowSource& source, Deadline deadline,
                                     const Clock& now = std::chrono::steady_clock::now);

  /// Filters that were known, also those that had to be extended, and those that were not.
  std::uint64_t hits() const;
  std::uint64_t misses() const;

  std::size_t bytes() const;

 private:
  struct Entry {
    std::shared_ptr<const RowSet> rows;
    Row last = 0;  ///< every row up to it has been tested
  };

  Entry find(const std::string& filter);
  void keep(const std::string& filter, Entry entry);

  mutable std::mutex mutex_;  // guards everything below
  LruCache<Entry> entries_;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace mosaic::query
