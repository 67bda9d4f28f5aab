// Distances between codes for AVX2 with FMA and F16C. Included between a `#pragma GCC target` for
// those and its end, after <immintrin.h>.
#pragma once

#include "index/codes/code_format.hpp"

namespace mosaic::index::avx2 {

constexpr std::size_t kHalfBlock = kCodeBlock / 2;

inline __m256i load(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

inline __m128i load_half(const std::byte* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

inline __m256 load_floats(const std::byte* from) {
  return _mm256_loadu_ps(reinterpret_cast<const float*>(from));
}

inline __m256 load_halves(const std::byte* from) {
  return _mm256_cvtph_ps(load_half(from));
}

inline float total(__m256i sum) {
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
  return static_cast<float>(_mm_cvtsi128_si32(four));
}

inline float total(__m256 sum) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

/// Bit i is 0 where the i-th of four distances is at `bound` or beyond; a NaN is beyond nothing,
/// and nothing is beyond a NaN.
inline unsigned within(const float* distances, float bound) {
  const __m128 nearer = _mm_cmpnge_ps(_mm_loadu_ps(distances), _mm_set1_ps(bound));
  return static_cast<unsigned>(_mm_movemask_ps(nearer));
}

inline __m128i halves(__m256i sum) {
  return _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
}

/// The totals of four sums, in half the instructions of one after the other.
inline __m128 totals(const __m256i* sums) {
  return _mm_cvtepi32_ps(_mm_hadd_epi32(_mm_hadd_epi32(halves(sums[0]), halves(sums[1])),
                                        _mm_hadd_epi32(halves(sums[2]), halves(sums[3]))));
}

struct Product {
  static __m256 add(__m256 sum, __m256 a, __m256 b) { return _mm256_fnmadd_ps(a, b, sum); }
};
struct Square {
  static __m256 add(__m256 sum, __m256 a, __m256 b) {
    const __m256 difference = _mm256_sub_ps(a, b);
    return _mm256_fmadd_ps(difference, difference, sum);
  }
};
struct Difference {
  static __m256 add(__m256 sum, __m256 a, __m256 b) {
    const __m256 sign = _mm256_set1_ps(-0.0F);
    return _mm256_add_ps(sum, _mm256_andnot_ps(sign, _mm256_sub_ps(a, b)));
  }
};

template <class Term>
struct Float32 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    __m256 even = _mm256_setzero_ps();
    __m256 odd = _mm256_setzero_ps();
    for (std::size_t i = 0; i < blocks; ++i, a += kCodeBlock, b += kCodeBlock) {
      even = Term::add(even, load_floats(a), load_floats(b));
      odd = Term::add(odd, load_floats(a + kHalfBlock), load_floats(b + kHalfBlock));
    }
    return total(_mm256_add_ps(even, odd));
  }
};

/// A block of a code is 32 halves: four registers of floats.
template <class Term>
struct Float16Query {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    __m256 even = _mm256_setzero_ps();
    __m256 odd = _mm256_setzero_ps();
    for (std::size_t i = 0; i < 2 * blocks; ++i, query += kCodeBlock, code += kHalfBlock) {
      even = Term::add(even, load_floats(query), load_halves(code));
      odd = Term::add(odd, load_floats(query + kHalfBlock), load_halves(code + kHalfBlock / 2));
    }
    return total(_mm256_add_ps(even, odd));
  }
};

template <class Term>
struct Float16Pair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    __m256 even = _mm256_setzero_ps();
    __m256 odd = _mm256_setzero_ps();
    for (std::size_t i = 0; i < 2 * blocks; ++i, a += kHalfBlock, b += kHalfBlock) {
      even = Term::add(even, load_halves(a), load_halves(b));
      odd = Term::add(odd, load_halves(a + kHalfBlock / 2), load_halves(b + kHalfBlock / 2));
    }
    return total(_mm256_add_ps(even, odd));
  }
};

/// Widened to 16 bits: the instruction for bytes would saturate.
struct Int8DotQuery {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    __m256i sum = _mm256_setzero_si256();
    for (std::size_t i = 0; i < 4 * blocks; ++i, query += 16, code += 16) {
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_cvtepu8_epi16(load_half(code)),
                                                    _mm256_cvtepi8_epi16(load_half(query))));
    }
    return -total(sum);
  }
  static void four(const std::byte* query, const std::byte* const* codes, std::size_t blocks,
                   float* distances) {
    __m256i sums[4] = {};
    for (std::size_t at = 0; at < blocks * kCodeBlock; at += kCodeBlock / 4) {
      const __m256i numbers = _mm256_cvtepi8_epi16(load_half(query + at));
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const __m256i code = _mm256_cvtepu8_epi16(load_half(codes[i] + at));
        sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(code, numbers));
      }
    }
    _mm_storeu_ps(distances, _mm_sub_ps(_mm_setzero_ps(), totals(sums)));
  }
};

struct Int8DotPair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    const __m256i zero_point = _mm256_set1_epi16(128);
    __m256i sum = _mm256_setzero_si256();
    for (std::size_t i = 0; i < 4 * blocks; ++i, a += 16, b += 16) {
      const __m256i x = _mm256_sub_epi16(_mm256_cvtepu8_epi16(load_half(a)), zero_point);
      const __m256i y = _mm256_sub_epi16(_mm256_cvtepu8_epi16(load_half(b)), zero_point);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
    }
    return -total(sum);
  }
  static void four(const std::byte* a, const std::byte* const* codes, std::size_t blocks,
                   float* distances) {
    const __m256i zero_point = _mm256_set1_epi16(128);
    __m256i sums[4] = {};
    for (std::size_t at = 0; at < blocks * kCodeBlock; at += kCodeBlock / 4) {
      const __m256i numbers = _mm256_sub_epi16(zero_point, _mm256_cvtepu8_epi16(load_half(a + at)));
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const __m256i code =
            _mm256_sub_epi16(_mm256_cvtepu8_epi16(load_half(codes[i] + at)), zero_point);
        sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(code, numbers));
      }
    }
    _mm_storeu_ps(distances, totals(sums));
  }
};

struct Int8L2 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    const __m256i one = _mm256_set1_epi16(1);
    __m256i sum = _mm256_setzero_si256();
    for (std::size_t i = 0; i < 2 * blocks; ++i, a += kHalfBlock, b += kHalfBlock) {
      const __m256i x = load(a);
      const __m256i y = load(b);
      // At most 127, whose squares by twos fit 16 bits.
      const __m256i difference = _mm256_or_si256(_mm256_subs_epu8(x, y), _mm256_subs_epu8(y, x));
      sum = _mm256_add_epi32(sum,
                             _mm256_madd_epi16(_mm256_maddubs_epi16(difference, difference), one));
    }
    return total(sum);
  }
};

struct Int8L1 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    __m256i sum = _mm256_setzero_si256();
    for (std::size_t i = 0; i < 2 * blocks; ++i, a += kHalfBlock, b += kHalfBlock)
      sum = _mm256_add_epi64(sum, _mm256_sad_epu8(load(a), load(b)));
    return total(sum);  // the upper halves of the 64-bit lanes are zero
  }
};

struct SignsQuery {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
                                            2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201));
    const __m256i one = _mm256_set1_epi8(1);
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sum = _mm256_setzero_si256();
    const auto* words = reinterpret_cast<const std::int32_t*>(code);
    for (std::size_t i = 0; i < 16 * blocks; ++i, query += kHalfBlock) {
      const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(words[i]), spread);
      const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit);
      const __m256i products = _mm256_maddubs_epi16(_mm256_and_si256(set, one), load(query));
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(products, ones));
    }
    return -total(sum);
  }
};

struct SignsPair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    const auto* x = reinterpret_cast<const std::uint64_t*>(a);
    const auto* y = reinterpret_cast<const std::uint64_t*>(b);
    std::int64_t differing = 0;
    for (std::size_t i = 0; i < 8 * blocks; ++i)
      differing += static_cast<std::int64_t>(_mm_popcnt_u64(x[i] ^ y[i]));
    return static_cast<float>(differing);
  }
};

}  // namespace mosaic::index::avx2
