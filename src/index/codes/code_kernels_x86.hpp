// The code kernels for x86, and what a CPU must have to run them.
#pragma once

#include "index/codes/code_kernels.hpp"

namespace mosaic::index {

#if defined(__x86_64__)
bool runs_avx2();    ///< AVX2, FMA, F16C
bool runs_avx512();  ///< AVX-512 F, BW, VL, VNNI, VPOPCNTDQ

extern const CodeKernels kAvx2CodeKernels;
extern const CodeKernels kAvx512CodeKernels;
#endif

}  // namespace mosaic::index
