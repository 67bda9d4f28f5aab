// The loops of row_sum.hpp for AVX2. Each carries the instruction set it needs as an attribute, so
// that the file is compiled for the plainest CPU. Pure functions for any thread.
#pragma once

#if defined(__x86_64__)

#include "text/model/row_sum.hpp"

namespace mosaic::text {

/// Null where this CPU has no AVX2 (or, for halves, no F16C), and for types without such a loop.
AddRow avx2_add_row_of(NumberType type);

}  // namespace mosaic::text

#endif
