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
/// A beam is made so much wider than for ef matches, by the share that does not match: what is at
/// the end of a wide beam is found less surely.
constexpr double kFarther = 1.5;
/// Of ef: so many matches in a beam are enough. There are now more and now fewer by chance alone.
constexpr double kEnough = 0.7;
/// A scan finds everything: the fewer match, the more a walk has to save, up to half.
constexpr double kSure = 2;
/// Matches may be near the query: where a walk for ef nodes costs so many times less than the rest,
/// it goes first and looks.
constexpr double kLook = 3;
/// Of a beam that held nearly enough.
constexpr double kWidenLeast = 1.5;

double share_of(const Selection& selection) {
  return static_cast<double>(selection.matches) / static_cast<double>(selection.nodes);
}

/// For `share` of the nodes it meets to match.
std::size_t beam_for(const Selection& selection, double share) {
  const double wanted = static_cast<double>(selection.ef) * (1 + kFarther * (1 - share) / share);
  return static_cast<std::size_t>(
      std::ceil(std::min(wanted, static_cast<double>(selection.nodes))));
}

}  // namespace

std::size_t first_beam(const Selection& selection) {
  const auto beam = beam_for(selection, share_of(selection));
  const double cost = std::min(walk_cost(selection, beam), scan_cost(selection));
  return kLook * walk_cost(selection, selection.ef) < cost ? selection.ef : beam;
}

std::size_t enough_matches(const Selection& selection) {
  const auto enough = static_cast<std::size_t>(kEnough * static_cast<double>(selection.ef));
  return std::min(std::max(selection.k, enough), selection.matches);
}

std::size_t wider_beam(const Selection& selection, std::size_t beam, std::size_t matches) {
  if (matches == 0) return selection.nodes;
  const double wide = static_cast<double>(beam);
  return std::max(beam_for(selection, static_cast<double>(matches) / wide),
                  static_cast<std::size_t>(std::ceil(kWidenLeast * wide)));
}

bool walk_pays(const Selection& selection, std::size_t beam) {
  const double sure = kSure - (kSure - 1) * share_of(selection);
  return sure * walk_cost(selection, beam) < scan_cost(selection);
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
