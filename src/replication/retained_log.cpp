#include "replication/retained_log.hpp"

#include <algorithm>

namespace mosaic::replication {
namespace {

std::uint64_t bytes_of(const Entry& entry) {
  return entry.bytes->size() + kEntryOverhead;
}

/// The first that comes after `seq`.
template <class Kept>
auto first_after(const std::deque<Kept>& kept, Seq seq) {
  return std::upper_bound(kept.begin(), kept.end(), seq,
                          [](Seq at, const Kept& one) { return at < one.entry.seq; });
}

}  // namespace

void RetainedLog::append(Index index, Entry entry) {
  const std::lock_guard lock(mutex_);
  bytes_ += bytes_of(entry);
  last_seq_ = entry.seq;
  last_time_ms_ = std::max(last_time_ms_, entry.time_ms);
  kept_.push_back({index, std::move(entry)});
}

void RetainedLog::truncate(Index index) {
  const std::lock_guard lock(mutex_);
  for (; !kept_.empty() && kept_.front().index <= index; kept_.pop_front())
    bytes_ -= bytes_of(kept_.front().entry);
}

void RetainedLog::reached(Seq seq, std::int64_t time_ms) {
  const std::lock_guard lock(mutex_);
  last_seq_ = std::max(last_seq_, seq);
  last_time_ms_ = std::max(last_time_ms_, time_ms);
}

Seq RetainedLog::forgotten() const {
  const std::lock_guard lock(mutex_);
  return forgotten_;
}

void RetainedLog::forget(Seq seq) {
  const std::lock_guard lock(mutex_);
  forgotten_ = std::max(forgotten_, seq);
}

Seq RetainedLog::last_seq() const {
  const std::lock_guard lock(mutex_);
  return last_seq_;
}

std::int64_t RetainedLog::last_time_ms() const {
  const std::lock_guard lock(mutex_);
  return last_time_ms_;
}

std::uint64_t RetainedLog::entries() const {
  const std::lock_guard lock(mutex_);
  return kept_.size();
}

std::uint64_t RetainedLog::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::vector<Entry> RetainedLog::read(Seq after, CollectionId collection,
                                     std::size_t bytes_max) const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> found;
  std::size_t bytes = 0;
  for (auto one = first_after(kept_, after); one != kept_.end() && bytes < bytes_max; ++one) {
    if (one->entry.collection != collection) continue;
    bytes += one->entry.bytes->size();
    found.push_back(one->entry);
    found.back().ticket = 0;
  }
  return found;
}

std::vector<Entry> RetainedLog::read_catalog(Seq after) const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> found;
  for (auto one = first_after(kept_, after); one != kept_.end(); ++one) {
    if (!is_catalog(one->entry.kind)) continue;
    found.push_back(one->entry);
    found.back().ticket = 0;
  }
  return found;
}

Seq RetainedLog::last_seq_of(CollectionId collection) const {
  const std::lock_guard lock(mutex_);
  const auto last = std::find_if(kept_.rbegin(), kept_.rend(), [&](const Kept& one) {
    return one.entry.collection == collection;
  });
  return last == kept_.rend() ? 0 : last->entry.seq;
}

Index RetainedLog::index_of(Seq seq) const {
  const std::lock_guard lock(mutex_);
  const auto after = first_after(kept_, seq);
  return after == kept_.begin() ? 0 : std::prev(after)->index;
}

std::uint64_t RetainedLog::bytes_up_to(Index index) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& one : kept_) {
    if (one.index > index) break;
    bytes += bytes_of(one.entry);
  }
  return bytes;
}

}  // namespace mosaic::replication
