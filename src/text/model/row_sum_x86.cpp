#include "text/model/row_sum_x86.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

namespace mosaic::text {
namespace {

constexpr std::size_t kLanes = 8;

#define MOSAIC_AVX2 __attribute__((target("avx2,f16c")))
#define MOSAIC_INLINE inline __attribute__((always_inline))

// Each loads eight numbers as floats.
struct Float32 {
  static constexpr NumberType kType = NumberType::kF32;
  static constexpr std::size_t kBytes = 4;
  MOSAIC_AVX2 static MOSAIC_INLINE __m256 load(const char* from) {
    return _mm256_loadu_ps(reinterpret_cast<const float*>(from));
  }
};
struct Float16 {
  static constexpr NumberType kType = NumberType::kF16;
  static constexpr std::size_t kBytes = 2;
  MOSAIC_AVX2 static MOSAIC_INLINE __m256 load(const char* from) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
};
struct Bfloat16 {
  static constexpr NumberType kType = NumberType::kBf16;
  static constexpr std::size_t kBytes = 2;
  MOSAIC_AVX2 static MOSAIC_INLINE __m256 load(const char* from) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
  }
};
struct Int8 {
  static constexpr NumberType kType = NumberType::kI8;
  static constexpr std::size_t kBytes = 1;
  MOSAIC_AVX2 static MOSAIC_INLINE __m256 load(const char* from) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
  }
};

template <class Type>
MOSAIC_AVX2 void add_row(const char* row, float weight, float* sums, std::size_t size) {
  const __m256 weights = _mm256_set1_ps(weight);
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    const __m256 product = _mm256_mul_ps(weights, Type::load(row + i * Type::kBytes));
    _mm256_storeu_ps(sums + i, _mm256_add_ps(_mm256_loadu_ps(sums + i), product));
  }
  if (i < size) {
    plain_add_row_of(Type::kType)(row + i * Type::kBytes, weight, sums + i, size - i);
  }
}

}  // namespace

AddRow avx2_add_row_of(NumberType type) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("f16c")) return nullptr;
  switch (type) {
    case NumberType::kF32:
      return add_row<Float32>;
    case NumberType::kF16:
      return add_row<Float16>;
    case NumberType::kBf16:
      return add_row<Bfloat16>;
    case NumberType::kI8:
      return add_row<Int8>;
    default:
      return nullptr;
  }
}

}  // namespace mosaic::text

#endif
