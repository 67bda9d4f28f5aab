// Distances between codes in plain C++, for any CPU; what the other sets are tested against. Each
// is a type with one function, so that a loop over it can take it in.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "index/codes/code_format.hpp"
#include "index/codes/float16.hpp"

namespace mosaic::index::scalar {

/// Bit i is 0 where the i-th of four distances is at `bound` or beyond; a NaN is beyond nothing,
/// and nothing is beyond a NaN.
inline unsigned within(const float* distances, float bound) {
  unsigned bits = 0;
  for (unsigned i = 0; i < 4; ++i) bits |= (distances[i] >= bound ? 0U : 1U) << i;
  return bits;
}

template <class Number>
const Number* as(const std::byte* bytes) {
  return reinterpret_cast<const Number*>(bytes);
}

struct Product {
  static float term(float a, float b) { return -a * b; }
};
struct Square {
  static float term(float a, float b) { return (a - b) * (a - b); }
};
struct Difference {
  static float term(float a, float b) { return std::fabs(a - b); }
};

template <class Term>
struct Float32 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    float sum = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock / sizeof(float); ++i)
      sum += Term::term(as<float>(a)[i], as<float>(b)[i]);
    return sum;
  }
};

template <class Term>
struct Float16Query {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    float sum = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock / 2; ++i)
      sum += Term::term(as<float>(query)[i], from_float16(as<std::uint16_t>(code)[i]));
    return sum;
  }
};

template <class Term>
struct Float16Pair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    float sum = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock / 2; ++i)
      sum +=
          Term::term(from_float16(as<std::uint16_t>(a)[i]), from_float16(as<std::uint16_t>(b)[i]));
    return sum;
  }
};

struct Int8DotQuery {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock; ++i)
      sum += as<std::int8_t>(query)[i] * as<std::uint8_t>(code)[i];
    return -static_cast<float>(sum);
  }
};

struct Int8DotPair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock; ++i)
      sum += (as<std::uint8_t>(a)[i] - 128) * (as<std::uint8_t>(b)[i] - 128);
    return -static_cast<float>(sum);
  }
};

struct Int8L2 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock; ++i) {
      const int difference = as<std::uint8_t>(a)[i] - as<std::uint8_t>(b)[i];
      sum += difference * difference;
    }
    return static_cast<float>(sum);
  }
};

struct Int8L1 {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock; ++i)
      sum += std::abs(as<std::uint8_t>(a)[i] - as<std::uint8_t>(b)[i]);
    return static_cast<float>(sum);
  }
};

/// The sum of the query's numbers whose sign the code shares; the query is of signed bytes.
struct SignsQuery {
  static float at(const std::byte* query, const std::byte* code, std::size_t blocks) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock * 8; ++i)
      sum += (as<std::uint8_t>(code)[i / 8] >> (i % 8) & 1) * as<std::int8_t>(query)[i];
    return -static_cast<float>(sum);
  }
};

struct SignsPair {
  static float at(const std::byte* a, const std::byte* b, std::size_t blocks) {
    int differing = 0;
    for (std::size_t i = 0; i < blocks * kCodeBlock / 8; ++i)
      differing += std::popcount(as<std::uint64_t>(a)[i] ^ as<std::uint64_t>(b)[i]);
    return static_cast<float>(differing);
  }
};

}  // namespace mosaic::index::scalar
