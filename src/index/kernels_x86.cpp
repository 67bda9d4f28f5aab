// Each function carries the instruction set it needs as an attribute, so that the file, like all
// others, is compiled for the plainest CPU of the architecture.
#include "index/kernels_x86.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined registers of its own header for a mistake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <cstdint>

namespace mosaic::index {
namespace {

constexpr std::size_t kFloats256 = 8;
constexpr std::size_t kFloats512 = 16;
// A fused multiply-add takes about four cycles and two start per cycle: fewer sums would wait.
constexpr std::size_t kSums = 4;

#define MOSAIC_AVX2 __attribute__((target("avx2,fma")))
#define MOSAIC_AVX512 __attribute__((target("avx512f")))
#define MOSAIC_INLINE inline __attribute__((always_inline))

struct Dot {
  MOSAIC_AVX2 static MOSAIC_INLINE __m256 add(__m256 sum, __m256 a, __m256 b) {
    return _mm256_fmadd_ps(a, b, sum);
  }
  MOSAIC_AVX512 static MOSAIC_INLINE __m512 add(__m512 sum, __m512 a, __m512 b) {
    return _mm512_fmadd_ps(a, b, sum);
  }
};

struct L2Squared {
  MOSAIC_AVX2 static MOSAIC_INLINE __m256 add(__m256 sum, __m256 a, __m256 b) {
    const __m256 difference = _mm256_sub_ps(a, b);
    return _mm256_fmadd_ps(difference, difference, sum);
  }
  MOSAIC_AVX512 static MOSAIC_INLINE __m512 add(__m512 sum, __m512 a, __m512 b) {
    const __m512 difference = _mm512_sub_ps(a, b);
    return _mm512_fmadd_ps(difference, difference, sum);
  }
};

struct L1 {
  MOSAIC_AVX2 static MOSAIC_INLINE __m256 add(__m256 sum, __m256 a, __m256 b) {
    const __m256 sign = _mm256_set1_ps(-0.0F);
    return _mm256_add_ps(sum, _mm256_andnot_ps(sign, _mm256_sub_ps(a, b)));
  }
  MOSAIC_AVX512 static MOSAIC_INLINE __m512 add(__m512 sum, __m512 a, __m512 b) {
    return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(a, b)));
  }
};

// The first `count` lanes are read, the others are zero and add nothing to any sum.
MOSAIC_AVX2 MOSAIC_INLINE __m256 load_first(const float* from, std::size_t count) {
  static constexpr std::int32_t kWindow[2 * kFloats256] = {-1, -1, -1, -1, -1, -1, -1, -1};
  const auto* start = reinterpret_cast<const __m256i*>(kWindow + kFloats256 - count);
  return _mm256_maskload_ps(from, _mm256_loadu_si256(start));
}

MOSAIC_AVX2 MOSAIC_INLINE float total(__m256 sum) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

template <class Step>
MOSAIC_AVX2 float sum256(const float* a, const float* b, std::size_t size) {
  __m256 sums[kSums] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                        _mm256_setzero_ps()};
  std::size_t i = 0;
  for (; i + kSums * kFloats256 <= size; i += kSums * kFloats256) {
#pragma GCC unroll 4
    for (std::size_t s = 0; s < kSums; ++s) {
      const auto at = i + s * kFloats256;
      sums[s] = Step::add(sums[s], _mm256_loadu_ps(a + at), _mm256_loadu_ps(b + at));
    }
  }
  for (; i + kFloats256 <= size; i += kFloats256) {
    sums[0] = Step::add(sums[0], _mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
  }
  if (i < size)
    sums[1] = Step::add(sums[1], load_first(a + i, size - i), load_first(b + i, size - i));
  return total(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
}

template <class Step>
MOSAIC_AVX512 float sum512(const float* a, const float* b, std::size_t size) {
  __m512 sums[kSums] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(),
                        _mm512_setzero_ps()};
  std::size_t i = 0;
  for (; i + kSums * kFloats512 <= size; i += kSums * kFloats512) {
#pragma GCC unroll 4
    for (std::size_t s = 0; s < kSums; ++s) {
      const auto at = i + s * kFloats512;
      sums[s] = Step::add(sums[s], _mm512_loadu_ps(a + at), _mm512_loadu_ps(b + at));
    }
  }
  for (; i + kFloats512 <= size; i += kFloats512) {
    sums[0] = Step::add(sums[0], _mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
  }
  if (i < size) {
    const auto rest = static_cast<__mmask16>((1U << (size - i)) - 1);
    sums[1] =
        Step::add(sums[1], _mm512_maskz_loadu_ps(rest, a + i), _mm512_maskz_loadu_ps(rest, b + i));
  }
  return _mm512_reduce_add_ps(
      _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

}  // namespace

constinit const Kernels kAvx2Kernels{"avx2", sum256<Dot>, sum256<L2Squared>, sum256<L1>};
constinit const Kernels kAvx512Kernels{"avx512", sum512<Dot>, sum512<L2Squared>, sum512<L1>};

}  // namespace mosaic::index

#endif
