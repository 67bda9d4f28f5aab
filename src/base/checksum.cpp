#include "base/checksum.hpp"

// The package's library is compiled for the plainest CPU; this header leads to its functions for
// AVX2 and AVX-512, which it chooses at the first call: a sixth of the time for 3 KB.
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

namespace mosaic {

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

ShardId home_shard(std::string_view id, std::uint32_t shards) {
  return {static_cast<std::uint32_t>(checksum(id) % shards)};
}

}  // namespace mosaic
