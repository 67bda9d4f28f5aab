#include "index/graph/insertion.hpp"

#include "index/codes/code_kernels_x86.hpp"
#include "index/codes/distances_scalar.hpp"

#define MOSAIC_WALK_SET scalar
#include "index/graph/insertion_loops.hpp"

namespace mosaic::index {
namespace {

using Choose = InsertionLoops (*)(CodeKind kind, std::size_t blocks);

Choose best() {
#if defined(__x86_64__)
  if (runs_avx512()) return insertion_loops_avx512;
  if (runs_avx2()) return insertion_loops_avx2;
#endif
  return scalar::insertion;
}

}  // namespace

InsertionLoops insertion_loops(CodeKind kind, std::size_t blocks) {
  static const Choose choose = best();
  return choose(kind, blocks);
}

}  // namespace mosaic::index
