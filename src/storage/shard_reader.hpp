// One reading connection of a shard file, pinned to a snapshot: between pin() and unpin() it
// answers from exactly the state that was committed when it was pinned, whatever the writer does.
// Used by one thread at a time. Throws Failure like database.hpp; arm() bounds the time of
// everything that follows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/json_scalar.hpp"
#include "storage/graph_reader.hpp"
#include "storage/live_vectors.hpp"
#include "storage/past_reader.hpp"
#include "storage/sandbox.hpp"
#include "storage/shard_copy.hpp"
#include "storage/shard_file.hpp"
#include "storage/text_index.hpp"

namespace mosaic::storage {

/// The fields of one row while it is visited; the views end with the visit.
struct RowFields {
  std::string_view id;
  std::optional<std::string_view> title;
  std::optional<std::string_view> text;
  std::string_view metadata;
};

/// Returns false to stop.
using RowVisit = std::function<bool(Row, const RowFields&)>;

class ShardReader {
 public:
  /// Readers of one shard share `lengths`.
  explicit ShardReader(const std::filesystem::path& path, std::shared_ptr<DocumentLengths> lengths =
                                                              std::make_shared<DocumentLengths>());

  /// Starts a read transaction and returns the applied seq of the snapshot it sees.
  Seq pin();
  void unpin();
  /// False once SQLite has given the snapshot up by itself, as it does after damage or for want of
  /// memory.
  bool pinned() const { return database_.in_transaction(); }

  /// From now on anything that runs past `deadline` throws deadline_exceeded.
  void arm(Deadline deadline);

  /// Copies the file as this snapshot shows it, page for page; see storage/shard_copy.hpp.
  CopiedFile copy_to(const std::filesystem::path& path, const CopyProgress& go_on);

  TextIndex& text() { return *text_; }
  GraphReader& graph() { return graph_; }
  PastReader& past() { return past_; }
  /// Of the live documents, or of those that were live in `past`.
  RowSet rows_where(std::string_view expression, const Past* past = nullptr);

  Row last_row();
  std::optional<Row> find_live(std::string_view id);
  std::string id_of(Row row);
  Seq seq_of(Row row);
  std::optional<double> pagerank_of(std::string_view id);
  /// With PageRank and links as they stand, or stood in `past`. unavailable for a row that is not
  /// there and may have been purged.
  StoredDocument load(Row row, const Include& include, const Past* past = nullptr);
  /// Up to `limit` live documents after row `after`, by rising row.
  std::vector<std::pair<Row, std::string>> live_after(Row after, std::size_t limit);

  /// Up to `limit` live documents with an id after `after`, by rising id.
  std::vector<std::pair<Row, std::string>> list_after(std::string_view after, std::size_t limit);

  /// Row versions after `after`, dead ones included, by rising row. Title and text only
  /// `with_text`.
  void scan(Row after, bool with_text, const RowVisit& visit);
  void visit(const RowSet& rows, bool with_text, const RowVisit& visit);
  /// Those of `rows` that this snapshot has and that are live in it.
  RowSet live_among(const RowSet& rows);
  /// Visits row, id and little-endian float32 vector of every live document that has one.
  template <class Visit>
  void for_each_vector(Visit&& visit) {
    visit_live_vectors(database_, 0, std::forward<Visit>(visit));
  }
  /// The little-endian float32 vector of a row, or nothing when it has none.
  std::optional<std::string> vector_bytes(Row row);
  /// The same as floats; empty when it has none.
  Vector vector_of(Row row);
  /// Whether a vector of the next embedder is staged for it; to be asked while some are.
  bool is_staged(Row row);

  /// Adds the rows after `after` whose value at an indexed path passes `test`.
  void find_indexed(std::string_view path, IndexTest test, const JsonScalar& value, Row after,
                    RowSet& out);

  /// The same for values that pass both tests.
  void find_between(std::string_view path, const IndexEnd& low, const IndexEnd& high, Row after,
                    RowSet& out);

 private:
  void load_links(Row row, Document& document);
  [[noreturn]] void refuse_missing(Row row);

  Database database_;
  GraphReader graph_{database_};
  PastReader past_{database_};
  Deadline deadline_;
  std::unique_ptr<TextIndex> text_;
  std::unique_ptr<Sandbox> sandbox_;
};

}  // namespace mosaic::storage
