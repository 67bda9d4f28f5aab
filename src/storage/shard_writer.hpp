// The one writing connection of a shard file. Owned by the shard, used by its thread alone. Writes
// come in groups of log entries; each group is one SQLite transaction that also stores the seq it
// reached, so a crash leaves the file at a whole group and the log knows where to take up.
#pragma once

#include <span>
#include <vector>

#include "base/row_set.hpp"
#include "storage/shard_file.hpp"

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
  ShardWriter(const std::filesystem::path& path, const ShardIdentity& identity);

  Seq applied_seq() const { return applied_seq_; }
  const ShardCounts& counts() const { return counts_; }
  std::vector<std::string> indexed_paths() { return read_indexed_paths(database_); }

  void begin();
  /// Applies the part of `batch` that belongs here and returns how many of its deletions hit.
  /// Documents are stored at their home; links at the home of their source and, mirrored, of their
  /// target.
  std::uint64_t apply(const WriteBatch& batch, Seq seq, RowChanges& changes);
  /// Puts the values of ids that have their home here in the place of all PageRank values before.
  /// Those without a live document are kept: no view shows them.
  void set_pagerank(const PageRankValues& values, Seq seq);
  /// Makes and drops expression indexes so that exactly `paths` are indexed.
  void set_indexed(const std::vector<std::string>& paths);
  /// Stores `seq` as applied and commits. The commit survives a crash of the process; a loss of
  /// power may undo it, and the log repeats it.
  void commit(Seq seq);
  void rollback() noexcept;

  /// Moves the WAL into the file and syncs it; true when all of it went, so that applied_seq() is
  /// durable.
  bool checkpoint();
  /// Visits row, id and little-endian float32 vector of every live document that has one, by rising
  /// row.
  template <class Visit>
  void for_each_vector(Visit&& visit);

 private:
  struct Live {
    Row row;
    Seq seq;
  };

  bool is_home(std::string_view id) const;
  std::optional<Live> find_live(std::string_view id);
  void end_version(Row row, Seq seq, RowChanges& changes);
  void insert_version(const Document& document, Seq seq, RowChanges& changes);
  /// Only those of version `expected` unless that is 0.
  void end_links(std::string_view source, Seq seq, Seq expected = 0);
  void insert_links(const Document& document, Seq seq);

  Database database_;
  ShardIdentity identity_;
  Seq applied_seq_ = 0;
  ShardCounts counts_;
  ShardCounts counts_before_;  ///< as of the last commit
};

template <class Visit>
void ShardWriter::for_each_vector(Visit&& visit) {
  auto select = database_.prepare(
      "SELECT x.row, v.id, x.vector FROM vectors x JOIN versions v ON v.row = x.row "
      "WHERE NOT EXISTS (SELECT 1 FROM ended e WHERE e.row = x.row) ORDER BY x.row");
  while (select.step()) {
    visit(Row{select.column_int(0)}, select.column_text(1), select.column_blob(2));
  }
}

}  // namespace mosaic::storage
