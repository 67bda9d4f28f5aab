// The kernel sets of x86-64. A set may be called only on a CPU that has the instructions of its
// name; kernels.cpp alone decides that.
#pragma once

#if defined(__x86_64__)

#include "index/kernels.hpp"

namespace mosaic::index {

extern const Kernels kAvx2Kernels;    ///< needs AVX2 and FMA
extern const Kernels kAvx512Kernels;  ///< needs AVX-512F

}  // namespace mosaic::index

#endif
