// One shard file against itself, its catalog and its log: identity, counts, rows, vectors, text.
// Where rows are damaged, says which documents are gone. Changes nothing. One thread.
#pragma once

#include <optional>

#include "check/database_check.hpp"
#include "storage/catalog.hpp"
#include "storage/shard_file.hpp"

namespace mosaic::check {

/// One shard that the catalog knows.
struct ShardPlace {
  std::filesystem::path file;
  storage::ShardIdentity identity;
  storage::ShardRecord record;
  Metric metric = Metric::kCosine;
  bool placed = false;  ///< the log says on which nodes it lives; this need not be one of them
};

struct ShardCheck {
  /// Open, frozen, when its tables can be read; null when it is damaged or not there.
  std::unique_ptr<storage::Database> database;
  Seq applied = 0;
  Seq index_seq = 0;
  Seq space = 0;
  std::uint32_t dimension = 0;
};

/// `log_last`: the log's last entry, none when the log cannot be read.
ShardCheck check_shard(Scope& scope, const ShardPlace& place, std::optional<Seq> log_last);

}  // namespace mosaic::check
