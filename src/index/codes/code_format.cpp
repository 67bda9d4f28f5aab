#include "index/codes/code_format.hpp"

namespace mosaic::index {
namespace {

/// The first of three kinds, by what a metric sums up.
CodeKind of_metric(CodeKind dot, Metric metric) {
  const auto first = static_cast<std::uint8_t>(dot);
  if (metric == Metric::kL2) return static_cast<CodeKind>(first + 1);
  if (metric == Metric::kL1) return static_cast<CodeKind>(first + 2);
  return dot;
}

}  // namespace

std::size_t bits_per_number(Quantization quantization) {
  switch (quantization) {
    case Quantization::kNone:
      return 32;
    case Quantization::kFloat16:
      return 16;
    case Quantization::kInt8:
      return 8;
    case Quantization::kBinary:
      break;
  }
  return 1;
}

CodeKind kind_of(const CodeFormat& format) {
  const bool is_shifted = format.metric == Metric::kCosine && !format.center.empty();
  const auto metric = is_shifted ? Metric::kL2 : format.metric;
  switch (format.quantization) {
    case Quantization::kNone:
      return of_metric(CodeKind::kFloat32Dot, metric);
    case Quantization::kFloat16:
      return of_metric(CodeKind::kFloat16Dot, metric);
    case Quantization::kInt8:
      return of_metric(CodeKind::kInt8Dot, metric);
    case Quantization::kBinary:
      break;
  }
  return CodeKind::kSigns;
}

}  // namespace mosaic::index
