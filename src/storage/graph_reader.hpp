// The documents and links of one shard as they stood at some seq, read in pieces through a
// connection that may have moved on: versions and links are only ever marked as ended, so every
// state the file has been in stays readable. Used by one thread at a time. Throws Failure like
// database.hpp.
#pragma once

#include <functional>

#include "base/row_set.hpp"
#include "mosaic/collection.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

/// The views end with the visit.
struct EdgeFields {
  std::string_view source;
  std::string_view target;
  double weight = 1;
};

/// How far a walk came: `last` is where the next one goes on; one that looked at fewer than its
/// limit is at the end.
struct Walked {
  std::int64_t last = 0;
  std::size_t looked_at = 0;
};

class GraphReader {
 public:
  /// `database` is an open shard file and outlives this.
  explicit GraphReader(Database& database) : database_(database) {}

  /// Looks at up to `limit` versions after row `after` and visits the ids of those that were live
  /// at `as_of`, at most the seq that the connection sees. The limit counts dead versions, too: it
  /// bounds the time.
  Walked documents(Seq as_of, Row after, std::size_t limit,
                   const std::function<void(std::string_view)>& visit);

  /// The same for links after number `after`; visits those that were live at `as_of` and
  /// whose source has its home here: the file also mirrors links to its documents.
  Walked edges(Seq as_of, std::int64_t after, std::size_t limit,
               const std::function<void(const EdgeFields&)>& visit);

 private:
  Database& database_;
};

}  // namespace mosaic::storage
