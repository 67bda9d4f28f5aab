#include "shard/sample_draw.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace mosaic::shard {
namespace {

constexpr auto kAllLots = std::numeric_limits<std::uint64_t>::max();

/// So much more than was missing is drawn again.
constexpr double kSpare = 1.2;

/// The lot below which a share of all lots lies.
std::uint64_t lot_of_share(double share) {
  return share < 1 ? static_cast<std::uint64_t>(std::ldexp(share, 64)) : kAllLots;
}

/// With four deviations to spare, hardly one draw in ten thousand falls short.
double share_for(double size, double documents) {
  return documents == 0 ? 1 : (size + 4 * std::sqrt(size)) / documents;
}

}  // namespace

SampleDraw::SampleDraw(std::size_t size, std::uint64_t documents)
    : size_(size),
      lot_max_(lot_of_share(share_for(static_cast<double>(size), static_cast<double>(documents)))) {
}

void SampleDraw::add(std::vector<Drawn> drawn) {
  std::move(drawn.begin(), drawn.end(), std::back_inserter(drawn_));
}

bool SampleDraw::again() {
  if (drawn_.size() >= size_ || lot_max_ == kAllLots) return false;
  const double more = kSpare * static_cast<double>(size_) / static_cast<double>(drawn_.size() + 1);
  lot_max_ = lot_of_share(std::ldexp(static_cast<double>(lot_max_), -64) * more);
  drawn_.clear();
  return true;
}

std::vector<Vector> SampleDraw::take() {
  std::sort(drawn_.begin(), drawn_.end(),
            [](const Drawn& a, const Drawn& b) { return a.lot < b.lot; });
  drawn_.resize(std::min(drawn_.size(), size_));
  std::vector<Vector> vectors;
  for (auto& drawn : drawn_) vectors.push_back(std::move(drawn.vector));
  return vectors;
}

}  // namespace mosaic::shard
