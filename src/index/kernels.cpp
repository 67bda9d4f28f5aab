#include "index/kernels.hpp"

#include <cmath>
#include <vector>

#include "index/kernels_x86.hpp"

namespace mosaic::index {
namespace {

// Independent sums: they hide the latency of an addition, and short sums round less than one long
// one.
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
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += Step::term(a[i + lane], b[i + lane]);
    }
  }
  for (std::size_t lane = 0; i < size; ++i, ++lane) lanes[lane] += Step::term(a[i], b[i]);
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
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
