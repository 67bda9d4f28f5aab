#include "index/graph/rerank.hpp"

#include <algorithm>

namespace mosaic::index {
namespace {

/// At least so many more than k are measured again: numbers that were clipped are farther off than
/// rounding says.
constexpr std::size_t kRerankedMore = 2;

}  // namespace

std::size_t to_rerank(const Quantizer& quantizer, const std::byte* query,
                      std::span<const Reached> found, std::size_t k) {
  const auto least = k + kRerankedMore;
  if (found.size() <= least || quantizer.kind() == CodeKind::kSigns) return found.size();
  const float bound = rerank_bound(quantizer, query, found, k);
  const auto end = std::find_if(found.begin() + static_cast<std::ptrdiff_t>(least), found.end(),
                                [&](const Reached& reached) { return reached.distance > bound; });
  return static_cast<std::size_t>(end - found.begin());
}

float rerank_bound(const Quantizer& quantizer, const std::byte* query,
                   std::span<const Reached> found, std::size_t k) {
  const float last = found[k - 1].distance;
  return last + quantizer.uncertainty(query, last);
}

}  // namespace mosaic::index
