#include "query/filter_cache.hpp"

namespace mosaic::query {
namespace {

std::size_t bytes_of(const std::string& filter, const RowSet& rows) {
  constexpr std::size_t kNodeBytes = 256;  // list node, map node and shared count, about
  return kNodeBytes + filter.capacity() + rows.bytes();
}

}  // namespace

std::shared_ptr<const RowSet> FilterCache::rows(const Filter& filter, RowSource& source,
                                                Deadline deadline, const Clock& now) {
  auto entry = find(filter.canonical());
  const auto last = source.last_row();
  if (entry.rows && entry.last >= last) return entry.rows;
  auto rows = matching_rows(filter, source, entry.last, deadline, now);
  if (entry.rows) rows |= *entry.rows;
  entry.rows = std::make_shared<const RowSet>(std::move(rows));
  entry.last = last;
  keep(filter.canonical(), entry);
  return entry.rows;
}

FilterCache::Entry FilterCache::find(const std::string& filter) {
  const std::lock_guard lock(mutex_);
  const auto* found = entries_.find(filter);
  ++(found != nullptr ? hits_ : misses_);
  return found != nullptr ? *found : Entry();
}

void FilterCache::keep(const std::string& filter, Entry entry) {
  const auto bytes = bytes_of(filter, *entry.rows);
  const std::lock_guard lock(mutex_);
  // Another thread may have got further meanwhile.
  const auto* known = entries_.peek(filter);
  if (known != nullptr && known->last >= entry.last) return;
  entries_.put(filter, std::move(entry), bytes);
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
  return entries_.bytes();
}

}  // namespace mosaic::query
