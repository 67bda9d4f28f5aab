// The hot loops for x86; codes/code_kernels_x86.hpp says which a CPU runs.
#pragma once

#include "index/graph/walk.hpp"

namespace mosaic::index {

#if defined(__x86_64__)
WalkLoops walk_loops_avx2(CodeKind kind, std::size_t blocks, bool verified);
WalkLoops walk_loops_avx512(CodeKind kind, std::size_t blocks, bool verified);
#endif

}  // namespace mosaic::index
