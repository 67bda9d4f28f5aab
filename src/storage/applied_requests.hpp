// Which requests the entries were written for that a file has applied, so that an entry written for
// the same request once more changes nothing. Belongs to the owner of the database, and is part of
// its transactions. Every file that sees the same entries decides alike: time is that of entries.
#pragma once

#include <optional>

#include "base/entry.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

inline constexpr const char* kAppliedRequestsSchema = R"sql(
CREATE TABLE IF NOT EXISTS requests(
  seq INTEGER PRIMARY KEY, high INTEGER NOT NULL, low INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
  outcome INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS requests_by_id ON requests(high, low);
)sql";

struct AppliedRequest {
  Seq seq = 0;                ///< of the entry
  std::uint64_t outcome = 0;  ///< what its owner wants to know again
};

class AppliedRequests {
 public:
  /// The tables of the schema above are there.
  explicit AppliedRequests(Database& database) : database_(database) {}

  /// The entry that was written for `request`, if its window reaches `time_ms`, the time of the
  /// entry that asks.
  std::optional<AppliedRequest> find(const RequestId& request, std::int64_t time_ms);
  /// Within a transaction of the owner. Forgets what `time_ms` is past.
  void note(const RequestId& request, std::int64_t time_ms, const AppliedRequest& applied);

 private:
  Database& database_;
};

}  // namespace mosaic::storage
