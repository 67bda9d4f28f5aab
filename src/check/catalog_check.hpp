// The catalog: which collections there are and what their shards must be. One thread.
#pragma once

#include <optional>

#include "check/shard_check.hpp"

namespace mosaic::check {

/// One that is kept.
struct SnapshotPlace {
  std::filesystem::path folder;
  SnapshotRecord record;
  CollectionSettings settings;  ///< as they were then
};

struct CollectionPlace {
  std::filesystem::path folder;
  std::vector<ShardPlace> shards;        ///< by number
  std::vector<SnapshotPlace> snapshots;  ///< by rising seq
};

struct CatalogCheck {
  bool readable = false;
  Seq applied = 0;
  std::vector<CollectionPlace> collections;
  bool has_company = false;  ///< the node is one of several
};

CatalogCheck check_catalog(Scope& scope, std::optional<Seq> log_last, Seq log_floor);

}  // namespace mosaic::check
