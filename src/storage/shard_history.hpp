// What a shard file remembers of its past, and how it forgets. Part of the shard's writer, used by
// its thread within its transactions. Everything here follows from the entries of the log alone, so
// that replicas stay equal row for row however entries were grouped.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "base/entry.hpp"
#include "base/row_set.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

/// HistoryMarks::since while nothing is kept.
constexpr Seq kNever = std::numeric_limits<std::int64_t>::max();

/// Kept in `meta`, one value each.
struct HistoryMarks {
  std::uint64_t retention_s = 0;  ///< of the collection, as of the entries applied
  Seq from = 0;                   ///< the oldest state that is whole, but for those of pins
  Seq since = kNever;             ///< text of versions that ended later is in `history_fts`
  Seq vectors_from = 0;           ///< states before it had vectors that are gone
  Seq purged = 0;                 ///< what ended up to here may be gone
  Seq versions_from = 0;          ///< versions that ended up to here are gone or shown by a pin
  Seq links_from = 0;             ///< the same of links
  friend bool operator==(const HistoryMarks&, const HistoryMarks&) = default;
};

/// As the connection sees them; defaults where the file has none (yet).
HistoryMarks read_history_marks(Database& database);

/// The seqs that pins keep, rising.
std::vector<Seq> read_pins(Database& database);

/// The newest state at `time_ms`, by `times`; 0: none is known to have stood then.
Seq seq_at(Database& database, std::int64_t time_ms);

/// Rows of `versions`, or numbers of `edges`, that a purge may take.
struct Expired {
  struct Item {
    std::int64_t number;
    Seq seq_ended;
  };
  std::vector<Item> items;  ///< by (seq_ended, number)
  Seq looked_to = 0;        ///< what ended up to here is among them or shown by a pin
};

/// Up to `limit` of those that ended in (`from`, `floor`] and that no pin shows.
Expired expired_versions(Database& database, Seq from, Seq floor, std::span<const Seq> pins,
                         std::uint64_t limit);
Expired expired_links(Database& database, Seq from, Seq floor, std::span<const Seq> pins,
                      std::uint64_t limit);

/// How many ended runs of PageRank end up to `floor` and are shown by no pin.
std::uint64_t expired_pagerank(Database& database, Seq floor, std::span<const Seq> pins);

class ShardHistory {
 public:
  /// `applied`: the seq of the file. `retention_s` counts for a file that knows none.
  ShardHistory(Database& database, Seq applied, std::uint64_t retention_s);

  const HistoryMarks& marks() const { return marks_; }
  /// Text and PageRank of before are kept, not only rows.
  bool keeps() const { return marks_.since != kNever; }

  // To be told before the change that it is about.
  void version_ends(Row row);
  void pagerank_is_replaced(Seq seq);

  void set_retention(std::uint64_t retention_s) { marks_.retention_s = retention_s; }
  void begin_snapshot(const SnapshotBegin& begin, Seq seq);
  /// Pins nothing where that state is not whole any more.
  void keep_snapshot(const Snapshot& snapshot);
  void drop_snapshot(std::string_view name);
  /// All vectors of before are gone.
  void space_switched(Seq seq);
  /// Forgets up to Purge::versions_max versions, as many links and PageRank values; the oldest
  /// first, and never what retention or a pin keeps. Returns how many versions went.
  std::uint64_t purge(const Purge& purge, Seq seq, std::int64_t time_ms);
  /// After each entry. A `time_ms` of 0 is not known; `dated` is false for an entry that changes
  /// nothing that anybody sees.
  void entry_applied(Seq seq, std::int64_t time_ms, bool dated);

  void write_marks();
  void committed() { marks_before_ = marks_; }
  void rolled_back() { marks_ = marks_before_; }

 private:
  bool is_wanted();
  void stop();
  void forget_version(const Expired::Item& version);
  void purge_pagerank(Seq floor, std::span<const Seq> pins, std::uint64_t limit);
  void purge_times(Seq floor, std::span<const Seq> pins);

  Database& database_;
  HistoryMarks marks_;
  HistoryMarks marks_before_;  ///< as of the last commit
};

}  // namespace mosaic::storage
