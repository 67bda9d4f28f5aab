// XXH3 (xxHash 0.8, 64 bits): page checksums, log rows and the home shard of an id.
#pragma once

#include <cstdint>
#include <string_view>

#include "mosaic/collection.hpp"

namespace mosaic {

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0);

/// Where a document lives under hash routing: XXH3(id) modulo the number of shards. Part of the
/// on-disk format: it must never change.
ShardId home_shard(std::string_view id, std::uint32_t shards);

}  // namespace mosaic
