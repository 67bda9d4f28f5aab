#include "query/filter_cache.hpp"

namespace mosaic::query {

std::size_t FilterCache::Entry::bytes() const {
  constexpr std::size_t kNodeBytes = 256;  // list node, map node and shared count, about
  return kNodeBytes + filter.capacity() + rows->bytes();
}

std::shared_ptr<const RowSet> FilterCache::rows(const Filter& filter, RowSource& source,
                                                Deadline deadline, const Clock& now) {
  auto entry = find(filter.canonical());
  const auto last = source.last_row();
  if (entry.rows && entry.last >= last) return entry.rows;
  auto rows = matching_rows(filter, source, entry.last, deadline, now);
  if (entry.rows) rows |= *entry.rows;
  entry.rows = std::make_shared<const RowSet>(std::move(rows));
  entry.last = last;
  auto found = entry.rows;
  keep(std::move(entry));
  return found;
}

FilterCache::Entry FilterCache::find(const std::string& filter) {
  const std::lock_guard lock(mutex_);
  const auto found = by_filter_.find(filter);
  if (found == by_filter_.end()) {
    ++misses_;
    tell({.misses = 1});
    return {filter, nullptr, 0};
  }
  ++hits_;
  tell({.hits = 1});
  entries_.splice(entries_.begin(), entries_, found->second);
  return *found->second;
}

void FilterCache::keep(Entry entry) {
  const auto bytes = entry.bytes();
  const std::lock_guard lock(mutex_);
  if (const auto known = by_filter_.find(entry.filter); known != by_filter_.end()) {
    // Another thread may have got further meanwhile.
    if (known->second->last >= entry.last) return;
    erase(known->second);
  }
  if (bytes > bytes_max_) return;
  while (bytes_ + bytes > bytes_max_) erase(std::prev(entries_.end()));
  entries_.push_front(std::move(entry));
  by_filter_.emplace(entries_.front().filter, entries_.begin());
  bytes_ += bytes;
  tell({.entries = 1, .bytes = static_cast<std::int64_t>(bytes)});
}

void FilterCache::erase(Entries::iterator entry) {
  const auto bytes = entry->bytes();
  bytes_ -= bytes;
  tell({.entries = -1, .bytes = -static_cast<std::int64_t>(bytes)});
  by_filter_.erase(entry->filter);
  entries_.erase(entry);
}

FilterCache::~FilterCache() {
  tell({.entries = -static_cast<std::int64_t>(entries_.size()),
        .bytes = -static_cast<std::int64_t>(bytes_)});
}

std::uint64_t FilterCache::hits() const {
  const std::lock_guard lock(mutex_);
  return hits_;
}

std::uint64_t FilterCache::misses() const {
  const std::lock_guard lock(mutex_);
  return misses_;
}

std::size_t FilterCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace mosaic::query
