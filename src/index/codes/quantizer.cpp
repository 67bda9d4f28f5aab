#include "index/codes/quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "index/codes/float16.hpp"
#include "index/measure.hpp"

namespace mosaic::index {
namespace {

constexpr double kExtremeShare = 1e-4;
constexpr int kSignedMax = 127;
constexpr int kUnsignedMax = 255;
/// What a byte holds for 0 where it holds signed numbers.
constexpr int kZero = 128;

/// What a vector is multiplied by before it is written. No float32: that of a tiny vector is none.
double scale_to_write(Metric metric, std::span<const float> vector) {
  if (metric != Metric::kCosine) return 1;
  double squares = 0;
  for (const double x : vector) squares += x * x;
  return squares == 0 ? 0 : 1 / std::sqrt(squares);
}

float scaled(float x, double scale) {
  return static_cast<float>(x * scale);
}

/// The value with `below` of the values before it in order.
float value_at(std::vector<float>& values, std::size_t below) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(below),
                   values.end());
  return values[below];
}

/// The number nearest to `x` within [least, most]; a NaN is least. Without a call or a branch: a
/// query waits for it.
int rounded(float x, int least, int most, std::size_t& clipped) {
  // Added to a small float it leaves no room for a fraction.
  constexpr float kNoFraction = 3 << 22;
  const auto low = static_cast<float>(least), high = static_cast<float>(most);
  clipped +=
      static_cast<std::size_t>(!(x >= low - 0.5F)) | static_cast<std::size_t>(x > high + 0.5F);
  const float above = x > low ? x : low;
  const float within = above < high ? above : high;
  return static_cast<int>((within + kNoFraction) - kNoFraction);
}

std::byte as_byte(int value) {
  return static_cast<std::byte>(static_cast<unsigned char>(value));
}

}  // namespace

CodeFormat Quantizer::learn(Metric metric, Quantization quantization, std::uint32_t dimension,
                            std::span<const float> sample) {
  CodeFormat format{metric, quantization, dimension, 0, 1};
  if (quantization != Quantization::kInt8) return format;
  std::vector<float> values(sample.begin(), sample.end());
  for (std::size_t i = 0; i < values.size(); i += dimension) {
    const double scale = scale_to_write(metric, {&values[i], dimension});
    for (std::size_t j = i; j < i + dimension; ++j) values[j] = scaled(values[j], scale);
  }
  const auto extreme =
      static_cast<std::size_t>(kExtremeShare * static_cast<double>(values.size() - 1));
  const float low = value_at(values, extreme);
  const float high = value_at(values, values.size() - 1 - extreme);
  const auto kind = kind_of(metric, quantization);
  float range = high - low;
  if (kind == CodeKind::kInt8Dot) {
    range = std::max(std::fabs(low), std::fabs(high));
  } else {
    format.low = low;
  }
  const int most = kind == CodeKind::kInt8L1 ? kUnsignedMax : kSignedMax;
  const float step = range / static_cast<float>(most);
  if (step > 0 && std::isnormal(step)) format.step = step;
  return format;
}

Quantizer::Quantizer(const CodeFormat& format)
    : format_(format),
      kind_(kind_of(format.metric, format.quantization)),
      blocks_((format.dimension * bits_per_number(format.quantization) + 8 * kCodeBlock - 1) /
              (8 * kCodeBlock)) {}

std::size_t Quantizer::encode(const float* vector, std::byte* code) const {
  const std::size_t size = format_.dimension;
  const double scale = scale_to_write(format_.metric, {vector, size});
  std::fill_n(code, code_bytes(), kind_ == CodeKind::kInt8Dot ? as_byte(kZero) : std::byte{0});
  std::size_t clipped = 0;
  switch (format_.quantization) {
    case Quantization::kNone: {
      auto* out = reinterpret_cast<float*>(code);
      for (std::size_t i = 0; i < size; ++i) out[i] = scaled(vector[i], scale);
      break;
    }
    case Quantization::kFloat16: {
      auto* out = reinterpret_cast<std::uint16_t*>(code);
      for (std::size_t i = 0; i < size; ++i) {
        const float x = scaled(vector[i], scale);
        clipped += std::fabs(x) > kFloat16Max ? 1 : 0;
        out[i] = to_float16(std::clamp(x, -kFloat16Max, kFloat16Max));
      }
      break;
    }
    case Quantization::kInt8: {
      const bool is_dot = kind_ == CodeKind::kInt8Dot;
      const int most = kind_ == CodeKind::kInt8L1 ? kUnsignedMax : kSignedMax;
      for (std::size_t i = 0; i < size; ++i) {
        const float x = (scaled(vector[i], scale) - format_.low) / format_.step;
        code[i] = as_byte(is_dot ? kZero + rounded(x, -kSignedMax, kSignedMax, clipped)
                                 : rounded(x, 0, most, clipped));
      }
      break;
    }
    case Quantization::kBinary:
      for (std::size_t i = 0; i < size; ++i) {
        if (vector[i] >= 0) code[i / 8] |= std::byte{1} << (i % 8);
      }
      break;
  }
  return clipped;
}

AlignedBytes Quantizer::encode_query(std::span<const float> given) const {
  const auto numbers = 8 * code_bytes() / bits_per_number(format_.quantization);
  std::vector<float> query(given.begin(), given.end());
  if (format_.metric == Metric::kDot) bring_near_one(query);
  if (kind_ == CodeKind::kInt8L2 || kind_ == CodeKind::kInt8L1 ||
      format_.quantization == Quantization::kNone) {
    auto code = aligned_bytes(code_bytes());
    encode(query.data(), code.get());
    return code;
  }
  if (format_.quantization == Quantization::kFloat16) {
    auto floats = aligned_bytes(numbers * sizeof(float));
    auto* out = reinterpret_cast<float*>(floats.get());
    std::fill_n(out, numbers, 0.0F);
    const double scale = scale_to_write(format_.metric, query);
    for (std::size_t i = 0; i < query.size(); ++i) out[i] = scaled(query[i], scale);
    return floats;
  }
  // Only the order of distances counts: the query has a step of its own and loses no digit to it.
  float largest = 0;
  for (const float x : query) largest = std::max(largest, std::fabs(x));
  const float step = largest > 0 && std::isfinite(largest) ? largest / kSignedMax : 1;
  auto bytes = aligned_bytes(numbers);
  std::fill_n(bytes.get(), numbers, std::byte{0});
  std::size_t clipped = 0;
  for (std::size_t i = 0; i < query.size(); ++i)
    bytes[i] = as_byte(rounded(query[i] / step, -kSignedMax, kSignedMax, clipped));
  return bytes;
}

float Quantizer::uncertainty(const std::byte* query, float distance) const {
  // Of thousands that are equally far, those found first are those whose error was luckiest: some
  // four deviations. What is looked for may have been as unlucky by two.
  constexpr float kDeviations = 6;
  constexpr float kVariance = 1.0F / 12;
  const float size = std::fabs(distance);
  switch (kind_) {
    case CodeKind::kInt8Dot: {
      float squares = 0;
      for (std::size_t i = 0; i < format_.dimension; ++i) {
        const auto number = static_cast<float>(static_cast<signed char>(query[i]));
        squares += number * number;
      }
      // The code's length in steps; under dot it is any, and that of the query as good a guess.
      const float code =
          format_.metric == Metric::kCosine ? 1 / (format_.step * format_.step) : squares;
      return kDeviations * std::sqrt((squares + code) * kVariance);
    }
    case CodeKind::kInt8L2:  // each difference counts twice its own size
      return kDeviations * 2 * std::sqrt(size * 2 * kVariance);
    case CodeKind::kInt8L1:
      return kDeviations * std::sqrt(static_cast<float>(format_.dimension) * 2 * kVariance);
    default:
      break;
  }
  return format_.quantization == Quantization::kFloat16 ? size * 1e-3F : size * 1e-5F;
}

}  // namespace mosaic::index
