// The catalog: which collections there are and what their shards must be. One thread.
#pragma once

#include <optional>

#include "check/shard_check.hpp"

namespace mosaic::check {

struct CollectionPlace {
  std::filesystem::path folder;
  std::vector<ShardPlace> shards;  ///< by number
};

struct CatalogCheck {
  bool readable = false;
  Seq applied = 0;
  std::vector<CollectionPlace> collections;
};

CatalogCheck check_catalog(Scope& scope, std::optional<Seq> log_last, Seq log_floor);

}  // namespace mosaic::check
