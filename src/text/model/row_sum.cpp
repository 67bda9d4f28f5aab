#include "text/model/row_sum.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

#include "text/model/row_sum_x86.hpp"

namespace mosaic::text {
namespace {

template <class Number>
Number loaded(const char* row, std::size_t position) {
  Number number;
  std::memcpy(&number, row + position * sizeof number, sizeof number);
  return number;
}

/// IEEE 754 binary16: the exponent is moved by a product, which is exact.
float from_half(std::uint16_t half) {
  const auto sign = std::uint32_t{half & 0x8000U} << 16;
  const auto rest = std::uint32_t{half & 0x7FFFU} << 13;
  if (rest >= 0x0F800000) return std::bit_cast<float>(sign | rest | 0x70000000);  // inf, NaN
  return std::bit_cast<float>(sign |
                              std::bit_cast<std::uint32_t>(std::bit_cast<float>(rest) * 0x1p112F));
}

struct Float32 {
  static float at(const char* row, std::size_t i) { return loaded<float>(row, i); }
};
struct Float16 {
  static float at(const char* row, std::size_t i) {
    return from_half(loaded<std::uint16_t>(row, i));
  }
};
struct Bfloat16 {
  static float at(const char* row, std::size_t i) {
    return std::bit_cast<float>(std::uint32_t{loaded<std::uint16_t>(row, i)} << 16);
  }
};
struct Int8 {
  static float at(const char* row, std::size_t i) { return loaded<std::int8_t>(row, i); }
};

template <class Type>
void add_row(const char* row, float weight, float* sums, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) sums[i] += weight * Type::at(row, i);
}

}  // namespace

AddRow plain_add_row_of(NumberType type) {
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

AddRow add_row_of(NumberType type) {
#if defined(__x86_64__)
  if (const auto loop = avx2_add_row_of(type)) return loop;
#endif
  return plain_add_row_of(type);
}

float number_at(const char* row, NumberType type, std::size_t position) {
  switch (type) {
    case NumberType::kF64:
      return static_cast<float>(loaded<double>(row, position));
    case NumberType::kF32:
      return Float32::at(row, position);
    case NumberType::kF16:
      return Float16::at(row, position);
    case NumberType::kBf16:
      return Bfloat16::at(row, position);
    case NumberType::kI8:
      return Int8::at(row, position);
    case NumberType::kI32:
      return static_cast<float>(loaded<std::int32_t>(row, position));
    case NumberType::kI64:
      break;
  }
  return static_cast<float>(loaded<std::int64_t>(row, position));
}

}  // namespace mosaic::text
