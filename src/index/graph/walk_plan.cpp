#include "index/graph/walk_plan.hpp"

#include <algorithm>
#include <cmath>

namespace mosaic::index {
namespace {

/// A walk compares about this share of a node's links: the others it has met before.
constexpr double kFreshShare = 0.43;
/// For the levels above.
constexpr double kDescent = 100;
/// Codes that are scanned in order are there when they are needed; links need not be read.
constexpr double kScanned = 0.28;
/// Matches in the beam for each of k: the nearest of them must be among the nearest of all.
constexpr double kMatchesPerHit = 1.7;

}  // namespace

std::size_t beam_for(const Selection& selection) {
  if (selection.matches >= selection.nodes || selection.matches == 0) return selection.ef;
  const double share =
      static_cast<double>(selection.matches) / static_cast<double>(selection.nodes);
  const double wanted = kMatchesPerHit * static_cast<double>(selection.k) / share;
  return std::max(selection.ef, static_cast<std::size_t>(std::ceil(wanted)));
}

double walk_cost(const Selection& selection, std::size_t beam) {
  const double compared =
      kDescent + static_cast<double>(beam) * static_cast<double>(selection.degree) * kFreshShare;
  return std::min(compared, static_cast<double>(selection.nodes));
}

double scan_cost(const Selection& selection) {
  return kScanned * static_cast<double>(selection.matches);
}

}  // namespace mosaic::index
