#include "index/measure.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace mosaic::index {
namespace {

// Products of a query near 1 with the digits of a shorter row would fall out of float32's range.
constexpr double kRowNormMin = 1e-24;

Kernel kernel_of(Metric metric) {
  switch (metric) {
    case Metric::kCosine:
    case Metric::kDot:
      return kernels().dot;
    case Metric::kL2:
      return kernels().l2_squared;
    case Metric::kL1:
      return kernels().l1;
  }
  return kernels().dot;
}

// Independent sums: one would wait for each addition.
double norm_of(std::span<const float> vector) {
  constexpr std::size_t kSums = 8;
  double squares[kSums] = {};
  std::size_t i = 0;
  for (; i + kSums <= vector.size(); i += kSums) {
    for (std::size_t sum = 0; sum < kSums; ++sum) {
      const double x = vector[i + sum];
      squares[sum] += x * x;
    }
  }
  for (; i < vector.size(); ++i) squares[0] += double{vector[i]} * double{vector[i]};
  return std::sqrt(std::accumulate(std::begin(squares), std::end(squares), 0.0));
}

}  // namespace

void bring_near_one(std::span<float> query) {
  float largest = 0;
  for (const float x : query) largest = std::max(largest, std::fabs(x));
  if (largest == 0 || !std::isfinite(largest)) return;
  // In double, for no float can be as large as the smallest one is small.
  const double factor = std::ldexp(1.0, -std::ilogb(largest));
  for (float& x : query) x = static_cast<float>(x * factor);
}

Measure::Measure(Metric metric, std::span<const float> query)
    : metric_(metric),
      kernel_(kernel_of(metric)),
      dimension_(query.size()),
      query_(aligned_floats(dimension_)) {
  const std::span<float> own(query_.get(), dimension_);
  std::copy(query.begin(), query.end(), own.begin());
  if (metric == Metric::kCosine) bring_near_one(own);
  query_scale_ = scale_of(metric, own);
}

double Measure::scale_of(Metric metric, std::span<const float> row) {
  if (metric != Metric::kCosine) return 1;
  const double norm = norm_of(row);
  if (norm == 0) return 0;
  return norm < kRowNormMin ? std::numeric_limits<double>::quiet_NaN() : 1 / norm;
}

double Measure::key(const float* row, double scale) const {
  double sum = kernel_(query_.get(), row, dimension_) * scale;
  if (!std::isfinite(sum)) [[unlikely]] {
    sum = in_double(row);
  }
  return key_of(sum);
}

double Measure::distance(double key) const {
  return metric_ == Metric::kL2 ? std::sqrt(key) : key;
}

double Measure::in_double(const float* row) const {
  double sum = 0;
  for (std::size_t i = 0; i < dimension_; ++i) {
    const double a = query_[i];
    const double b = row[i];
    switch (metric_) {
      case Metric::kCosine:
      case Metric::kDot:
        sum += a * b;
        break;
      case Metric::kL2:
        sum += (a - b) * (a - b);
        break;
      case Metric::kL1:
        sum += std::fabs(a - b);
        break;
    }
  }
  return metric_ == Metric::kCosine ? sum / norm_of({row, dimension_}) : sum;
}

double Measure::key_of(double sum) const {
  double key = sum;
  // Rounding must not make a vector nearer to the query than the query itself: that would also
  // order equal distances by noise instead of by id.
  if (metric_ == Metric::kCosine) key = std::clamp(1 - sum * query_scale_, 0.0, 2.0);
  if (metric_ == Metric::kDot) key = 0 - sum;  // not -sum: no negative zero in answers
  return std::isnan(key) ? std::numeric_limits<double>::infinity() : key;
}

}  // namespace mosaic::index
