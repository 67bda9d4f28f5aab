// The rows of recent filters over one shard, least recently used first out, within a number of
// bytes. Rows never change, so a known result stays right for ever and is only extended by the rows
// written since. Thread-safe; no lock is held while rows are looked for.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/cache_change.hpp"
#include "query/filter_rows.hpp"

namespace mosaic::query {

class FilterCache {
 public:
  explicit FilterCache(std::size_t bytes_max, CacheWatch watch = {})
      : bytes_max_(bytes_max), watch_(std::move(watch)) {}
  FilterCache(const FilterCache&) = delete;
  FilterCache& operator=(const FilterCache&) = delete;
  ~FilterCache();

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
    std::string filter;
    std::shared_ptr<const RowSet> rows;
    Row last = 0;  ///< every row up to it has been tested

    std::size_t bytes() const;
  };
  using Entries = std::list<Entry>;  // the most recently used in front

  Entry find(const std::string& filter);
  void keep(Entry entry);
  void erase(Entries::iterator entry);

  void tell(const CacheChange& change) const {
    if (watch_) watch_(change);
  }

  const std::size_t bytes_max_;
  const CacheWatch watch_;
  mutable std::mutex mutex_;  // guards everything below
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_filter_;  // keys point into entries_
  std::size_t bytes_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace mosaic::query
