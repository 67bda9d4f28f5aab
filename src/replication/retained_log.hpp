// The entries that the log still keeps, in memory, for whoever has to read them again. Any thread.
#pragma once

#include <deque>
#include <mutex>

#include "replication/log.hpp"

namespace mosaic::replication {

/// What an entry takes beside its bytes, in memory, about: here and in the engine.
constexpr std::uint64_t kEntryOverhead = 256;

/// The number of an entry in the engine that keeps the log; entries of its own have one, too.
using Index = std::uint64_t;

class RetainedLog {
 public:
  /// Entries come in order of index and of seq.
  void append(Index index, Entry entry);
  /// Forgets those up to and including `index`.
  void truncate(Index index);

  /// The newest ever appended, or what reached() was told.
  Seq last_seq() const;
  std::int64_t last_time_ms() const;
  /// There were entries up to here before the first that is appended.
  void reached(Seq seq, std::int64_t time_ms);
  /// Entries up to here need not be kept.
  Seq forgotten() const;
  void forget(Seq seq);

  std::uint64_t entries() const;
  std::uint64_t bytes() const;  ///< of memory, about
  /// As Log has them.
  std::vector<Entry> read(Seq after, CollectionId collection, std::size_t bytes_max) const;
  std::vector<Entry> read_catalog(Seq after) const;
  Seq last_seq_of(CollectionId collection) const;
  /// The last entry at or before `seq` that is kept, as its index; 0: none.
  Index index_of(Seq seq) const;
  /// Bytes of what truncate(index) would forget.
  std::uint64_t bytes_up_to(Index index) const;

 private:
  struct Kept {
    Index index;
    Entry entry;
  };

  mutable std::mutex mutex_;
  std::deque<Kept> kept_;
  std::uint64_t bytes_ = 0;
  Seq last_seq_ = 0;
  Seq forgotten_ = 0;
  std::int64_t last_time_ms_ = 0;
};

}  // namespace mosaic::replication
