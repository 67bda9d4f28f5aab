#include "index/graph/walk.hpp"

#include "index/codes/code_kernels_x86.hpp"
#include "index/codes/distances_scalar.hpp"
#include "index/graph/walk_x86.hpp"

#define MOSAIC_WALK_SET scalar
#include "index/graph/walk_loops.hpp"

namespace mosaic::index {
namespace {

using Choose = WalkLoops (*)(CodeKind kind, std::size_t blocks, bool verified);

Choose best() {
#if defined(__x86_64__)
  if (runs_avx512()) return walk_loops_avx512;
  if (runs_avx2()) return walk_loops_avx2;
#endif
  return scalar::loops;
}

}  // namespace

WalkLoops walk_loops(CodeKind kind, std::size_t blocks, bool verified) {
  static const Choose choose = best();
  return choose(kind, blocks, verified);
}

}  // namespace mosaic::index
