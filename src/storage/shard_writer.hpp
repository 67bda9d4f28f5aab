// The one writing connection of a shard file. Owned by the shard, used by its thread alone. Writes
// come in groups of log entries; each group is one SQLite transaction that also stores the seq it
// reached, so a crash leaves the file at a whole group and the log knows where to take up.
#pragma once

#include <span>
#include <vector>

#include "base/row_set.hpp"
#include "storage/applied_requests.hpp"
#include "storage/live_vectors.hpp"
#include "storage/shard_file.hpp"
#include "storage/shard_history.hpp"

namespace mosaic::storage {

/// What a write changed, for the derived structures in memory. `document` points into the write.
struct RowChanges {
  struct Added {
    Row row;
    const Document* document;
  };
  std::vector<Added> added;
  struct Ended {
    Row row;
    Seq seq;
  };
  std::vector<Ended> ended;
};

struct ShardCounts {
  std::uint64_t documents = 0;
  std::uint64_t edges = 0;  ///< of the documents that live here
};

class ShardWriter {
 public:
  /// Throws corrupt_data when the file is missing, damaged, newer, or another shard's.
  /// `retention_s` counts for a file that knows none yet.
  ShardWriter(const std::filesystem::path& path, const ShardIdentity& identity,
              std::uint64_t retention_s = 0);

  Seq applied_seq() const { return applied_seq_; }
  const ShardCounts& counts() const { return counts_; }
  /// Up to where the newest index file that was made covers the shard; 0: none was made.
  Seq index_seq() const { return index_seq_; }
  /// That index file covers the shard up to `seq`. A transaction of its own.
  void note_index(Seq seq);
  std::vector<std::string> indexed_paths() { return read_indexed_paths(database_); }

  void begin();
  /// Applies the part of `batch` that belongs here and returns how many of its deletions hit.
  /// Documents of another space than this one are not taken: the log lets none come that far.
  /// Documents are stored at their home; links where the hash of their source's id says and,
  /// mirrored, of their target's. A document that lives elsewhere carries a copy of its own.
  std::uint64_t apply(const WriteBatch& batch, Seq seq, RowChanges& changes);
  /// From now on, writes are noted, and documents may move to where the centroids of `seq` want
  /// them.
  void begin_moves(Seq seq);
  /// Takes in what moves here and ends what moves away. Returns how many documents left. Each keeps
  /// the seq it was written at.
  std::uint64_t apply(const Move& move, Seq seq, RowChanges& changes);
  /// No more moves to the centroids of seq `centroids`.
  void end_moves(Seq centroids);
  /// The requests that applied entries were written for, with how many documents each took away.
  AppliedRequests& requests() { return requests_; }
  const VectorSpace& space() const { return space_; }
  /// From now on vectors of `next` may be staged, unless some are already.
  void begin_staging(const Reembedding& next, Seq seq);
  /// Keeps the vectors of versions that are live here. Of no effect for another generation.
  void stage(const StagedVectors& staged);
  /// The staged vectors take the place of all others; a version without one has none any more.
  /// False, and of no effect, for another generation.
  bool switch_space(Seq generation, Seq seq);
  /// Forgets what is staged. Of no effect for another generation.
  void cancel_staging(Seq generation);
  /// Puts the values of ids that may live here in the place of all PageRank values before.
  /// Those without a live document are kept: no view shows them.
  void set_pagerank(const PageRankValues& values, Seq seq);
  /// What the shard remembers of its past. To be told of each entry once it is applied.
  ShardHistory& history() { return history_; }
  const ShardHistory& history() const { return history_; }
  /// Makes and drops expression indexes so that exactly `paths` are indexed.
  void set_indexed(const std::vector<std::string>& paths);
  /// Stores `seq` as applied and commits. The commit survives a crash of the process; a loss of
  /// power may undo it, and the log repeats it.
  void commit(Seq seq);
  void rollback() noexcept;

  /// Moves the WAL into the file and syncs it; true when all of it went, so that applied_seq() is
  /// durable.
  bool checkpoint();
  /// Visits row, id and little-endian float32 vector of every live document after row `after` that
  /// has one, by rising row.
  template <class Visit>
  void for_each_vector(Row after, Visit&& visit) {
    visit_live_vectors(database_, after, std::forward<Visit>(visit));
  }
  /// Visits the rows that ended after `after`, each with the seq of its end, in their order: those
  /// that were not purged.
  template <class Visit>
  void for_each_end(Seq after, Visit&& visit);
  /// All row versions that there are.
  RowSet rows();

 private:
  struct Live {
    Row row;
    Seq seq;
  };

  bool is_home(std::string_view id) const;
  /// Whether `home`, which an entry names for the document, is this shard.
  bool is_here(ShardId home, std::string_view id) const;
  bool may_hold(std::string_view id) const { return identity_.by_centroid || is_home(id); }
  std::optional<Live> find_live(std::string_view id);
  void end_version(Row row, Seq seq, RowChanges& changes);
  Row insert_version(const Document& document, Seq seq, RowChanges& changes);
  /// Remembers, while documents move, that the id was written. All shards note the same, so that
  /// all decide alike whether a document still moves.
  void note_written(std::string_view id, Seq seq);
  bool written_since(std::string_view id, Seq seq);
  void set_moving(Seq centroids);
  /// Only those of version `expected` unless that is 0.
  void end_links(std::string_view source, Seq seq, Seq expected = 0);
  void insert_links(const Document& document, Seq seq);
  void carry_links(Row row, const std::vector<Link>& links);
  void unstage(Row row);
  /// `staged` is the vector's bytes; adds to or takes from the count of its kind.
  void count_staged(std::int64_t bytes, int change);

  Database database_;
  AppliedRequests requests_{database_};
  ShardIdentity identity_;
  Seq applied_seq_ = 0;
  ShardHistory history_;
  ShardCounts counts_;
  ShardCounts counts_before_;  ///< as of the last commit
  Seq moving_ = 0;             ///< centroids that documents move to; 0: none
  Seq moving_before_ = 0;      ///< as of the last commit
  VectorSpace space_;
  VectorSpace space_before_;  ///< as of the last commit
  Seq index_seq_ = 0;
};

template <class Visit>
void ShardWriter::for_each_end(Seq after, Visit&& visit) {
  auto select = database_.cached(
      "SELECT row, seq_ended FROM ended WHERE seq_ended > ?1 ORDER BY seq_ended, row");
  select->bind(1, static_cast<std::int64_t>(after));
  while (select->step()) visit(Row{select->column_int(0)}, static_cast<Seq>(select->column_int(1)));
}

}  // namespace mosaic::storage
