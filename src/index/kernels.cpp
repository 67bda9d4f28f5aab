#include "index/kernels.hpp"

#include <cmath>
#include <vector>

#include "index/kernels_x86.hpp"
#include "index/lane_sum.hpp"

namespace mosaic::index {
namespace {

constexpr std::size_t kLanes = 16;

struct Dot {
  static float term(float a, float b) { return a * b; }
};

struct L2Squared {
  static float term(float a, float b) { return (a - b) * (a - b); }
};

struct L1 {
  static float term(float a, float b) { return std::fabs(a - b); }
};

template <class Step>
float sum(const float* a, const float* b, std::size_t size) {
  return lane_sum<Step, kLanes>(a, b, size);
}

std::vector<Kernels> detect() {
  std::vector<Kernels> sets{{"scalar", sum<Dot>, sum<L2Squared>, sum<L1>}};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(kAvx2Kernels);
  if (__builtin_cpu_supports("avx512f")) sets.push_back(kAvx512Kernels);
#endif
  return sets;
}

}  // namespace

std::span<const Kernels> supported_kernels() {
  static const std::vector<Kernels> sets = detect();
  return sets;
}

const Kernels& kernels() {
  return supported_kernels().back();
}

}  // namespace mosaic::index
