// IEEE 754 half precision in plain C++: what the kernels of CPUs do with F16C.
#pragma once

#include <bit>
#include <cstdint>

namespace mosaic::index {

constexpr float kFloat16Max = 65'504;

/// The half nearest to `value`, ties to even. `value` is finite and within kFloat16Max.
constexpr std::uint16_t to_float16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const auto magnitude = bits & 0x7fff'ffff;
  constexpr std::uint32_t kSmallestNormal = 113U << 23;  // 2^-14
  if (magnitude < kSmallestNormal) {
    // Adding 2^-1 leaves the half's subnormal steps of 2^-24 as the last bits, rounded by the FPU.
    constexpr auto kHalf = std::bit_cast<float>(126U << 23);
    const float shifted = std::bit_cast<float>(magnitude) + kHalf;
    return static_cast<std::uint16_t>(sign |
                                      (std::bit_cast<std::uint32_t>(shifted) - (126U << 23)));
  }
  const auto odd = magnitude >> 13 & 1;
  return static_cast<std::uint16_t>(sign | (magnitude - (112U << 23) + 0xfff + odd) >> 13);
}

constexpr float from_float16(std::uint16_t half) {
  const auto sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const auto magnitude = static_cast<std::uint32_t>(half & 0x7fff);
  // A half read as a float with the same bits is 2^112 times too small, subnormals included.
  constexpr auto kUp = std::bit_cast<float>(239U << 23);
  const float value = std::bit_cast<float>(magnitude << 13) * kUp;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

}  // namespace mosaic::index
