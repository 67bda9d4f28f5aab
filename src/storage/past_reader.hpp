// Reads a shard file as it stood at an earlier seq, as long as that is kept. Rows are numbered in
// the order in which they came, so the documents of then are the rows up to one number that had not
// ended. Part of a ShardReader, whose pinned state must be at or past that seq.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/row_set.hpp"
#include "mosaic/as_of.hpp"
#include "mosaic/document.hpp"
#include "storage/shard_history.hpp"

namespace mosaic::storage {

/// A state of the past, ready to be read.
struct Past {
  Seq seq = 0;
  Row last_row = 0;        ///< rows after it came later
  Seq pagerank_ended = 0;  ///< the end of the PageRank values of then; 0: they are still in force
};

class PastReader {
 public:
  /// `database` is an open shard file and outlives this.
  explicit PastReader(Database& database) : database_(database) {}

  /// The state that a seq or a time means; names of snapshots are the catalog's to know.
  /// invalid_argument for one that is still to come and for a text that is no time; not_found for
  /// one that is not kept. The errors name what there is.
  Result<Seq> resolve(const AsOf& as_of);

  /// not_found unless the state at `seq` is kept whole; names the oldest that is.
  Status check(Seq seq);

  /// Of the collection, as far as this shard has come.
  Seq newest();

  /// HistoryMarks::purged: an older state may lack what it showed.
  Seq purged();

  /// `seq` has passed check().
  Past open(Seq seq);

  RowSet live(const Past& past);
  std::optional<Row> find(const Past& past, std::string_view id);
  /// Up to `limit` documents of then with an id after `after`, by rising id.
  std::vector<std::pair<Row, std::string>> list_after(const Past& past, std::string_view after,
                                                      std::size_t limit);
  std::optional<double> pagerank_of(const Past& past, std::string_view id);
  std::vector<Link> links_of(const Past& past, Row row, std::string_view id);
  /// Visits row, id and little-endian float32 vector of each row of `rows` that has ended since and
  /// has a vector, in no order of use. The views end with the visit.
  void for_each_ended_vector(
      const Past& past, const RowSet& rows,
      const std::function<void(Row, std::string_view, std::string_view)>& visit);
  /// How much a purge by `time_ms` would remove: versions, links and PageRank values, up to `limit`
  /// each, and points in time.
  std::uint64_t purgeable(std::int64_t time_ms, std::uint64_t limit);

 private:
  Seq oldest();
  std::string moment_of(Seq seq);
  Result<Seq> at_time(std::int64_t time_ms, const std::string& text);
  Row last_row_at(Seq seq);

  Database& database_;
};

}  // namespace mosaic::storage
