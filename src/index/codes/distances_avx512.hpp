// Distances between codes for AVX-512 with VNNI and VPOPCNTDQ. Included between a `#pragma GCC
// target` for those and its end, after <immintrin.h>.
#pragma once

#include "index/codes/code_format.hpp"

namespace mosaic::index::avx512 {

inline __m512i load(const std::byte* from) {
  return _mm512_loadu_si512(from);
}

inline __m512 load_floats(const std::byte* from) {
  return _mm512_loadu_ps(from);
}

inline __m512 load_halves(const std::byte* from) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}

inline float total(__m512i sum) {
  return static_cast<float>(_mm512_reduce_add_epi32(sum));
}

/// Bit i is 0 where the i-th of four distances is at `bound` or beyond; a NaN is beyond nothing,
/// and nothing is beyond a NaN.
inline unsigned within(const float* distances, float bound) {
  const __m128 nearer = _mm_cmpnge_ps(_mm_loadu_ps(distances), _mm_set1_ps(bound));
  return static_cast<unsigned>(_mm_movemask_ps(nearer));
}

inline __m128i quarters(__m512i sum) {
  const __m256i half =
      _mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64(sum, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/// The totals of four sums, in half the instructions of one after the other.
inline __m128 totals(const __m512i* sums) {
  return _mm_cvtepi32_ps(_mm_hadd_epi32(_mm_hadd_epi32(quarters(sums[0]), quarters(sums[1])),
                                        _mm_hadd_epi32(quarters(sums[2]), quarters(sums[3]))));
}

struct Product {
  static __m512 add(__m512 sum, __m512 a, __m512 b) { return _mm512_fnmadd_ps(a, b, sum); }
};
struct Square {
  static __m512 add(__m512 sum, __m512 a, __m512 b) {
    const __m512 difference = _mm512_sub_ps(a, b);
    return _mm512_fmadd_ps(difference, difference, sum);
  }
};
struct Difference {
  static __m512 add(__m512 sum, __m512 a, __m512 b) {
    return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(a, b)));
  }
};

/// Two sums: one would wait for each addition.
template <class Term>
struct Float32 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    __m512 even = _mm512_setzero_ps();
    __m512 odd = _mm512_setzero_ps();
    std::size_t i = 0;
    for (; i + 2 <= blocks; i += 2, a += 2 * kCodeBlock, b += 2 * kCodeBlock) {
      even = Term::add(even, load_floats(a), load_floats(b));
      odd = Term::add(odd, load_floats(a + kCodeBlock), load_floats(b + kCodeBlock));
    }
    if (i < blocks) even = Term::add(even, load_floats(a), load_floats(b));
    return _mm512_reduce_add_ps(_mm512_add_ps(even, odd));
  }
};

template <class Term>
struct Float16Query {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    __m512 even = _mm512_setzero_ps();
    __m512 odd = _mm512_setzero_ps();
    for (std::size_t i = 0; i < blocks; ++i, query += 2 * kCodeBlock, code += kCodeBlock) {
      even = Term::add(even, load_floats(query), load_halves(code));
      odd = Term::add(odd, load_floats(query + kCodeBlock), load_halves(code + kCodeBlock / 2));
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(even, odd));
  }
};

template <class Term>
struct Float16Pair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    __m512 even = _mm512_setzero_ps();
    __m512 odd = _mm512_setzero_ps();
    for (std::size_t i = 0; i < blocks; ++i, a += kCodeBlock, b += kCodeBlock) {
      even = Term::add(even, load_halves(a), load_halves(b));
      odd = Term::add(odd, load_halves(a + kCodeBlock / 2), load_halves(b + kCodeBlock / 2));
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(even, odd));
  }
};

struct Int8DotQuery {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    __m512i even = _mm512_setzero_si512();
    __m512i odd = _mm512_setzero_si512();
    std::size_t i = 0;
    for (; i + 2 <= blocks; i += 2, query += 2 * kCodeBlock, code += 2 * kCodeBlock) {
      even = _mm512_dpbusd_epi32(even, load(code), load(query));
      odd = _mm512_dpbusd_epi32(odd, load(code + kCodeBlock), load(query + kCodeBlock));
    }
    if (i < blocks) even = _mm512_dpbusd_epi32(even, load(code), load(query));
    return -total(_mm512_add_epi32(even, odd));
  }
  static void four(const std::byte* query, const std::byte* const* codes, std::size_t blocks,
                   float* distances) {
    __m512i sums[4] = {};
#pragma GCC unroll 16
    for (std::size_t at = 0; at < blocks * kCodeBlock; at += kCodeBlock) {
      const __m512i numbers = load(query + at);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i)
        sums[i] = _mm512_dpbusd_epi32(sums[i], load(codes[i] + at), numbers);
    }
    _mm_storeu_ps(distances, _mm_sub_ps(_mm_setzero_ps(), totals(sums)));
  }
};

struct Int8DotPair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    // The instruction takes unsigned by signed bytes: 128 too much per number of `a`.
    const __m512i zero_point = _mm512_set1_epi8(static_cast<char>(128));
    __m512i sum = _mm512_setzero_si512();
    __m512i too_much = _mm512_setzero_si512();
    for (std::size_t i = 0; i < blocks; ++i, a += kCodeBlock, b += kCodeBlock) {
      const __m512i is_signed = _mm512_xor_si512(load(b), zero_point);
      sum = _mm512_dpbusd_epi32(sum, load(a), is_signed);
      too_much = _mm512_dpbusd_epi32(too_much, zero_point, is_signed);
    }
    return -total(_mm512_sub_epi32(sum, too_much));
  }
  static void four(const std::byte* a, const std::byte* const* codes, std::size_t blocks,
                   float* distances) {
    const __m512i zero_point = _mm512_set1_epi8(static_cast<char>(128));
    __m512i sums[4] = {};
    __m512i too_much = _mm512_setzero_si512();
#pragma GCC unroll 16
    for (std::size_t at = 0; at < blocks * kCodeBlock; at += kCodeBlock) {
      const __m512i is_signed = _mm512_xor_si512(load(a + at), zero_point);
      too_much = _mm512_dpbusd_epi32(too_much, zero_point, is_signed);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i)
        sums[i] = _mm512_dpbusd_epi32(sums[i], load(codes[i] + at), is_signed);
    }
#pragma GCC unroll 4
    for (__m512i& sum : sums) sum = _mm512_sub_epi32(too_much, sum);
    _mm_storeu_ps(distances, totals(sums));
  }
};

inline __m512i absolute_difference(const std::byte* a, const std::byte* b) {
  const __m512i x = load(a);
  const __m512i y = load(b);
  return _mm512_or_si512(_mm512_subs_epu8(x, y), _mm512_subs_epu8(y, x));
}

struct Int8L2 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    __m512i even = _mm512_setzero_si512();
    __m512i odd = _mm512_setzero_si512();
    std::size_t i = 0;
    for (; i + 2 <= blocks; i += 2, a += 2 * kCodeBlock, b += 2 * kCodeBlock) {
      const __m512i first = absolute_difference(a, b);
      const __m512i second = absolute_difference(a + kCodeBlock, b + kCodeBlock);
      even = _mm512_dpbusd_epi32(even, first, first);
      odd = _mm512_dpbusd_epi32(odd, second, second);
    }
    if (i < blocks) {
      const __m512i last = absolute_difference(a, b);
      even = _mm512_dpbusd_epi32(even, last, last);
    }
    return total(_mm512_add_epi32(even, odd));
  }
  static void four(const std::byte* query, const std::byte* const* codes, std::size_t blocks,
                   float* distances) {
    __m512i sums[4] = {};
#pragma GCC unroll 16
    for (std::size_t at = 0; at < blocks * kCodeBlock; at += kCodeBlock) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const __m512i difference = absolute_difference(query + at, codes[i] + at);
        sums[i] = _mm512_dpbusd_epi32(sums[i], difference, difference);
      }
    }
    _mm_storeu_ps(distances, totals(sums));
  }
};

struct Int8L1 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    __m512i sum = _mm512_setzero_si512();
    for (std::size_t i = 0; i < blocks; ++i, a += kCodeBlock, b += kCodeBlock)
      sum = _mm512_add_epi64(sum, _mm512_sad_epu8(load(a), load(b)));
    return static_cast<float>(_mm512_reduce_add_epi64(sum));
  }
};

struct SignsQuery {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    const __m512i one = _mm512_set1_epi8(1);
    __m512i sum = _mm512_setzero_si512();
    const auto* bits = reinterpret_cast<const __mmask64*>(code);
    for (std::size_t i = 0; i < blocks * 8; ++i, query += kCodeBlock)
      sum = _mm512_dpbusd_epi32(sum, _mm512_maskz_mov_epi8(bits[i], one), load(query));
    return -total(sum);
  }
};

struct SignsPair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    __m512i sum = _mm512_setzero_si512();
    for (std::size_t i = 0; i < blocks; ++i, a += kCodeBlock, b += kCodeBlock)
      sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(load(a), load(b))));
    return static_cast<float>(_mm512_reduce_add_epi64(sum));
  }
};

}  // namespace mosaic::index::avx512
