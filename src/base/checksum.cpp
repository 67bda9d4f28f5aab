#include "base/checksum.hpp"

#include <xxhash.h>

namespace mosaic {

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

ShardId home_shard(std::string_view id, std::uint32_t shards) {
  return {static_cast<std::uint32_t>(checksum(id) % shards)};
}

}  // namespace mosaic
