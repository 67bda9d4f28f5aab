// The shards of a node, of what its series and /health say of them, and their order on the screen.
// Pure.
#pragma once

#include <vector>

#include "cli/top/figures.hpp"

namespace mosaic::cli::top {

enum class ShardOrder : std::uint8_t { kLoad, kDocuments, kName };

/// "load", "documents" or "name".
std::string_view to_string(ShardOrder order);

/// The one that follows, the first behind the last.
ShardOrder next(ShardOrder order);

/// Every shard that has series or fails, by collection and number.
std::vector<ShardFigures> shard_figures(const Interval& interval);

/// Those that fail first, then by falling load or documents, or by name.
void sort_shards(std::vector<ShardFigures>& shards, ShardOrder order);

}  // namespace mosaic::cli::top
