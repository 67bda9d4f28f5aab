#include "index/codes/quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "index/codes/float16.hpp"
#include "index/measure.hpp"

namespace mosaic::index {
namespace {

/// Of all numbers of a sample: so many at either end do not count.
constexpr double kExtremeShare = 1e-4;
/// The same under dot, where the nearest vectors are the largest: what is clipped is wanted.
constexpr double kExtremeOfProducts = 1e-5;
/// The same of the numbers of one dimension, of which fewer are looked at.
constexpr double kExtremeOfDimension = 1e-3;
constexpr std::size_t kCenterVectors = 4'000;
/// Vectors whose mean cosine is larger lie in a narrow cone: products of codes would tell little
/// but their common part.
constexpr double kNarrowCone = 0.9;
constexpr int kSignedMax = 127;
constexpr int kUnsignedMax = 255;
/// Of float32 codes: sums of products and squares of so large numbers are still finite.
constexpr double kFloat32Max = 1e17;

/// What bytes can say: `zero` is what they hold for 0.
struct ByteRange {
  int least;
  int most;
  int zero;
};

ByteRange byte_range(CodeKind kind) {
  if (kind == CodeKind::kInt8Dot) return {-127, 127, 128};
  if (kind == CodeKind::kInt8L2) return {-64, 63, 64};
  return {-128, 127, 128};
}

/// What a vector is multiplied by before it is written. No float32: that of a tiny vector is none.
double scale_to_write(Metric metric, std::span<const float> vector) {
  if (metric != Metric::kCosine) return 1;
  double squares = 0;
  for (const double x : vector) squares += x * x;
  return squares == 0 ? 0 : 1 / std::sqrt(squares);
}

float finite(double x) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(x, -kMost, kMost));
}

/// The value with `below` of the values before it in order.
float value_at(std::vector<float>& values, std::size_t below) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(below),
                   values.end());
  return values[below];
}

/// The smallest and the largest, but for `share` of them at either end.
std::pair<double, double> extremes(std::vector<float>& values, double share) {
  const auto skipped = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  const double low = value_at(values, skipped);
  return {low, value_at(values, values.size() - 1 - skipped)};
}

double middle(std::vector<float>& values, Quantization quantization) {
  if (quantization == Quantization::kBinary)
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  // Floats are finest around 0, where most numbers should be; bytes are as fine everywhere.
  if (quantization != Quantization::kInt8) return value_at(values, values.size() / 2);
  const auto [low, high] = extremes(values, kExtremeOfDimension);
  return (low + high) / 2;
}

/// Of `values`, vectors one after the other.
std::vector<float> middles(std::span<const float> values, std::uint32_t dimension,
                           Quantization quantization) {
  const auto count = values.size() / dimension;
  std::vector<float> center(dimension);
  std::vector<float> column(std::min(count, kCenterVectors));
  for (std::size_t i = 0; i < dimension; ++i) {
    for (std::size_t j = 0; j < column.size(); ++j)
      column[j] = values[j * count / column.size() * dimension + i];
    center[i] = finite(middle(column, quantization));
  }
  return center;
}

/// Of pairs of `units`, vectors of length 1 one after the other.
double mean_cosine(std::span<const float> units, std::uint32_t dimension) {
  std::vector<double> sums(dimension);
  for (std::size_t i = 0; i < units.size(); ++i) sums[i % dimension] += units[i];
  double squares = 0;
  for (const double sum : sums) squares += sum * sum;
  const auto count = static_cast<double>(units.size() / dimension);
  return squares / (count * count);
}

/// What to divide by for numbers from `low` to `high` to fit; 0 where there is no such number.
double step_for(CodeKind kind, double low, double high) {
  if (kind == CodeKind::kInt8L2) return (high - low) / kSignedMax;
  if (kind == CodeKind::kInt8L1) return (high - low) / kUnsignedMax;
  const double largest = std::max(std::fabs(low), std::fabs(high));
  if (kind == CodeKind::kInt8Dot) return largest / kSignedMax;
  return largest == 0 ? 0 : std::ldexp(1.0, std::ilogb(largest));
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

/// `x`, but no farther from 0 than `most`.
float within(double x, double most, std::size_t& clipped) {
  clipped += std::fabs(x) > most ? 1 : 0;
  return static_cast<float>(std::clamp(x, -most, most));
}

std::byte as_byte(int value) {
  return static_cast<std::byte>(static_cast<unsigned char>(value));
}

}  // namespace

CodeFormat Quantizer::learn(Metric metric, Quantization quantization, std::uint32_t dimension,
                            std::span<const float> sample) {
  CodeFormat format{metric, quantization, dimension};
  std::vector<float> values(sample.begin(), sample.end());
  for (std::size_t i = 0; i < values.size(); i += dimension) {
    const double scale = scale_to_write(metric, {&values[i], dimension});
    for (std::size_t j = i; j < i + dimension; ++j)
      values[j] = static_cast<float>(values[j] * scale);
  }
  const bool is_cosine = metric == Metric::kCosine;
  if (has_center(metric, quantization) ||
      (is_cosine && mean_cosine(values, dimension) > kNarrowCone)) {
    format.center = middles(values, dimension, quantization);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = finite(double{values[i]} - format.center[i % dimension]);
  }
  const auto kind = kind_of(format);
  const bool is_int8 = quantization == Quantization::kInt8;
  // The numbers of vectors of length 1 are within what floats can say.
  if (kind == CodeKind::kSigns || (!is_int8 && is_cosine && format.center.empty())) return format;
  const auto [low, high] =
      extremes(values, metric == Metric::kDot ? kExtremeOfProducts : kExtremeShare);
  if (is_int8) {
    for (float& x : format.center) x = finite(x + (low + high) / 2);
  }
  const auto step = finite(step_for(kind, low, high));
  if (step > 0 && (std::isnormal(step) || !is_int8)) format.step = step;
  return format;
}

Quantizer::Quantizer(const CodeFormat& format)
    : format_(format),
      kind_(kind_of(format)),
      blocks_((format.dimension * bits_per_number(format.quantization) + 8 * kCodeBlock - 1) /
              (8 * kCodeBlock)) {
  format_.center.resize(format.dimension);
}

template <class Write>
void Quantizer::for_each_number(std::span<const float> vector, double step, Write&& write) const {
  const double scale = scale_to_write(format_.metric, vector);
  const double inverse = 1 / step;
  const float* center = format_.center.data();
  for (std::size_t i = 0; i < vector.size(); ++i)
    write(i, (vector[i] * scale - double{center[i]}) * inverse);
}

std::size_t Quantizer::encode(const float* vector, std::byte* code) const {
  const std::span<const float> numbers(vector, format_.dimension);
  const auto [least, most, zero] = byte_range(kind_);
  std::fill_n(code, code_bytes(), kind_ == CodeKind::kInt8Dot ? as_byte(zero) : std::byte{0});
  std::size_t clipped = 0;
  switch (format_.quantization) {
    case Quantization::kNone:
      for_each_number(numbers, format_.step, [&](std::size_t i, double x) {
        reinterpret_cast<float*>(code)[i] = within(x, kFloat32Max, clipped);
      });
      break;
    case Quantization::kFloat16:
      for_each_number(numbers, format_.step, [&](std::size_t i, double x) {
        reinterpret_cast<std::uint16_t*>(code)[i] = to_float16(within(x, kFloat16Max, clipped));
      });
      break;
    case Quantization::kInt8:
      for_each_number(numbers, format_.step, [&](std::size_t i, double x) {
        code[i] = as_byte(zero + rounded(static_cast<float>(x), least, most, clipped));
      });
      break;
    case Quantization::kBinary:
      for_each_number(numbers, format_.step, [&](std::size_t i, double x) {
        if (x >= 0) code[i / 8] |= std::byte{1} << (i % 8);
      });
      break;
  }
  return clipped;
}

AlignedBytes Quantizer::encode_query(std::span<const float> given) const {
  const auto numbers = 8 * code_bytes() / bits_per_number(format_.quantization);
  std::vector<float> query(given.begin(), given.end());
  if (kind_ == CodeKind::kInt8L2 || kind_ == CodeKind::kInt8L1) {
    auto code = aligned_bytes(code_bytes());
    encode(query.data(), code.get());
    return code;
  }
  // Of products only the order counts: there the query has a size of its own.
  const bool is_product = kind_ == CodeKind::kInt8Dot || kind_ == CodeKind::kFloat16Dot ||
                          kind_ == CodeKind::kFloat32Dot || kind_ == CodeKind::kSigns;
  if (is_product || format_.metric == Metric::kCosine) bring_near_one(query);
  std::size_t clipped = 0;
  for_each_number(query, is_product ? 1 : format_.step,
                  [&](std::size_t i, double x) { query[i] = within(x, kFloat32Max, clipped); });
  if (format_.quantization == Quantization::kNone ||
      format_.quantization == Quantization::kFloat16) {
    auto floats = aligned_bytes(numbers * sizeof(float));
    std::fill_n(reinterpret_cast<float*>(floats.get()), numbers, 0.0F);
    std::copy(query.begin(), query.end(), reinterpret_cast<float*>(floats.get()));
    return floats;
  }
  // And a step of its own: it loses no digit to that of the codes.
  float largest = 0;
  for (const float x : query) largest = std::max(largest, std::fabs(x));
  const float step = largest > 0 && std::isfinite(largest) ? largest / kSignedMax : 1;
  auto bytes = aligned_bytes(numbers);
  std::fill_n(bytes.get(), numbers, std::byte{0});
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
      return kDeviations * 2 * std::sqrt(size * 2 * kVariance) + of_cosines();
    case CodeKind::kInt8L1:
      return kDeviations * std::sqrt(static_cast<float>(format_.dimension) * 2 * kVariance);
    default:
      break;
  }
  return kDeviations * float_deviation(query, size) + size * 1e-5F + of_cosines();
}

float Quantizer::of_cosines() const {
  // Of two times a cosine, which float32 sums up: codes with a center are finer than that.
  constexpr float kRounding = 4e-7F;
  const bool is_shifted = format_.metric == Metric::kCosine && kind_ != CodeKind::kSigns &&
                          kind_ != kind_of({Metric::kCosine, format_.quantization});
  return is_shifted ? kRounding / (format_.step * format_.step) : 0;
}

float Quantizer::float_deviation(const std::byte* query, float size) const {
  // Of a number near that of the query, in whose binade floats have such a step.
  const bool is_half = format_.quantization == Quantization::kFloat16;
  const float relative = (is_half ? 0x1p-10F : 0x1p-23F) / std::sqrt(12.0F);
  const std::span numbers(reinterpret_cast<const float*>(query), format_.dimension);
  float largest = 0, squares = 0, fourths = 0;
  for (const float x : numbers) {
    largest = std::max(largest, std::fabs(x));
    squares += x * x;
    fourths += x * x * x * x;
  }
  if (kind_ == CodeKind::kFloat16L1 || kind_ == CodeKind::kFloat32L1)
    return relative * std::sqrt(squares);
  // Each difference counts twice its own size.
  if (kind_ == CodeKind::kFloat16L2 || kind_ == CodeKind::kFloat32L2)
    return relative * 2 * std::sqrt(size) * largest;
  return relative * std::sqrt(fourths);
}

}  // namespace mosaic::index
