// Joins the shards' pages of a list. Pure.
#pragma once

#include <vector>

#include "shard/shard_searcher.hpp"

namespace mosaic::shard {

struct MergedPage {
  std::vector<StoredDocument> documents;  ///< by rising id
  bool more = false;
};

/// One page out of the shards' pages, which each hold the first documents after a common position.
MergedPage merge_pages(std::vector<Page> pages, std::size_t limit);

}  // namespace mosaic::shard
