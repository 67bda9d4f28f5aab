#include "index/graph/insertion.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined registers of its own header for a mistake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vnni,avx512vpopcntdq,fma,f16c")
#define MOSAIC_WALK_SET avx512
#include "index/codes/distances_avx512.hpp"
#include "index/graph/insertion_loops.hpp"
#pragma GCC pop_options

namespace mosaic::index {

InsertionLoops insertion_loops_avx512(CodeKind kind, std::size_t blocks) {
  return avx512::insertion(kind, blocks);
}

}  // namespace mosaic::index

#pragma GCC diagnostic pop

#endif
