#include "index/codes/code_kernels.hpp"

#include <vector>

#include "index/codes/code_kernels_x86.hpp"
#include "index/codes/distances_scalar.hpp"

namespace mosaic::index {
namespace {

constexpr CodeKernels scalar_kernels() {
  using namespace scalar;
  return {"scalar",
          {Float32<Product>::at, Float32<Square>::at, Float32<Difference>::at,
           Float16Query<Product>::at, Float16Query<Square>::at, Float16Query<Difference>::at,
           Int8DotQuery::at, Int8L2::at, Int8L1::at, SignsQuery::at},
          {Float32<Product>::at, Float32<Square>::at, Float32<Difference>::at,
           Float16Pair<Product>::at, Float16Pair<Square>::at, Float16Pair<Difference>::at,
           Int8DotPair::at, Int8L2::at, Int8L1::at, SignsPair::at}};
}

std::vector<CodeKernels> detect() {
  std::vector<CodeKernels> sets{scalar_kernels()};
#if defined(__x86_64__)
  if (runs_avx2()) sets.push_back(kAvx2CodeKernels);
  if (runs_avx512()) sets.push_back(kAvx512CodeKernels);
#endif
  return sets;
}

}  // namespace

std::span<const CodeKernels> supported_code_kernels() {
  static const std::vector<CodeKernels> sets = detect();
  return sets;
}

const CodeKernels& code_kernels() {
  return supported_code_kernels().back();
}

}  // namespace mosaic::index
