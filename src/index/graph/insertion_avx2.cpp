#include "index/graph/insertion.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined registers of its own header for a mistake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,popcnt")
#define MOSAIC_WALK_SET avx2
#include "index/codes/distances_avx2.hpp"
#include "index/graph/insertion_loops.hpp"
#pragma GCC pop_options

namespace mosaic::index {

InsertionLoops insertion_loops_avx2(CodeKind kind, std::size_t blocks) {
  return avx2::insertion(kind, blocks);
}

}  // namespace mosaic::index

#pragma GCC diagnostic pop

#endif
