// Values by name, within a number of bytes: the least recently used go first when those run out.
// What all caches in memory are made of. Pure; belongs to one thread or to a lock of its owner.
#pragma once

#include <cstdint>
#include <iterator>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/cache_change.hpp"

namespace mosaic {

template <class Value>
class LruCache {
 public:
  explicit LruCache(std::uint64_t bytes_max, CacheWatch watch = {})
      : bytes_max_(bytes_max), watch_(std::move(watch)) {}
  LruCache(const LruCache&) = delete;
  LruCache& operator=(const LruCache&) = delete;
  ~LruCache() {
    tell({.entries = -static_cast<std::int64_t>(size()),
          .bytes = -static_cast<std::int64_t>(bytes_)});
  }

  /// The value, or null when there is none or `good` says no to it, which is counted as a miss.
  /// One that is found is the most recently used from now on. Valid until the next put.
  template <class Good>
  Value* find(std::string_view name, Good&& good) {
    const auto found = places_.find(name);
    if (found == places_.end() || !good(found->second->value)) {
      tell({.misses = 1});
      return nullptr;
    }
    tell({.hits = 1});
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }
  Value* find(std::string_view name) {
    return find(name, [](const Value&) { return true; });
  }

  /// The same without counting or using it.
  const Value* peek(std::string_view name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &found->second->value;
  }

  /// Keeps a value in the place of the one with its name, and lets others go for it. One that is
  /// larger than the whole is not kept. `bytes` are all that keeping it costs.
  void put(std::string name, Value value, std::uint64_t bytes) {
    if (const auto found = places_.find(name); found != places_.end()) remove(found->second);
    if (bytes > bytes_max_) return;
    while (bytes_ + bytes > bytes_max_) remove(std::prev(entries_.end()));
    entries_.push_front({std::move(name), std::move(value), bytes});
    places_.emplace(entries_.front().name, entries_.begin());
    bytes_ += bytes;
    tell({.entries = 1, .bytes = static_cast<std::int64_t>(bytes)});
  }

  /// Never above the limit.
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t bytes_max() const { return bytes_max_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string name;
    Value value;
    std::uint64_t bytes;
  };
  using Place = typename std::list<Entry>::iterator;

  void remove(Place place) {
    bytes_ -= place->bytes;
    tell({.entries = -1, .bytes = -static_cast<std::int64_t>(place->bytes)});
    places_.erase(place->name);
    entries_.erase(place);
  }

  void tell(const CacheChange& change) const {
    if (watch_) watch_(change);
  }

  std::uint64_t bytes_max_;
  CacheWatch watch_;
  std::uint64_t bytes_ = 0;
  std::list<Entry> entries_;                            ///< the most recently used first
  std::unordered_map<std::string_view, Place> places_;  ///< by the names within the entries
};

}  // namespace mosaic
