#include "index/codes/code_kernels_x86.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined registers of its own header for a mistake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,popcnt")
#include "index/codes/distances_avx2.hpp"
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vnni,avx512vpopcntdq,fma,f16c")
#include "index/codes/distances_avx512.hpp"
#pragma GCC pop_options

namespace mosaic::index {

bool runs_avx2() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c") && __builtin_cpu_supports("popcnt");
}

bool runs_avx512() {
  return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni") &&
         __builtin_cpu_supports("avx512vpopcntdq");
}

namespace {

// One text for both sets: their types have the same names.
#define MOSAIC_CODE_KERNELS(name, set)           \
  {                                              \
    name,                                        \
        {set::Float32<set::Product>::at,         \
         set::Float32<set::Square>::at,          \
         set::Float32<set::Difference>::at,      \
         set::Float16Query<set::Product>::at,    \
         set::Float16Query<set::Square>::at,     \
         set::Float16Query<set::Difference>::at, \
         set::Int8DotQuery::at,                  \
         set::Int8L2::at,                        \
         set::Int8L1::at,                        \
         set::SignsQuery::at},                   \
        {set::Float32<set::Product>::at,         \
         set::Float32<set::Square>::at,          \
         set::Float32<set::Difference>::at,      \
         set::Float16Pair<set::Product>::at,     \
         set::Float16Pair<set::Square>::at,      \
         set::Float16Pair<set::Difference>::at,  \
         set::Int8DotPair::at,                   \
         set::Int8L2::at,                        \
         set::Int8L1::at,                        \
         set::SignsPair::at},                    \
  }

}  // namespace

constinit const CodeKernels kAvx2CodeKernels MOSAIC_CODE_KERNELS("avx2", avx2);
constinit const CodeKernels kAvx512CodeKernels MOSAIC_CODE_KERNELS("avx512", avx512);

}  // namespace mosaic::index

#pragma GCC diagnostic pop

#endif
