#include "routing/placement.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "index/measure.hpp"

namespace mosaic::routing {

Placement::Placement(const CollectionSettings& settings, std::shared_ptr<const Centroids> centroids)
    : metric_(settings.metric), shards_(settings.shards), centroids_(std::move(centroids)) {
  for (const auto& vector : centroids_->vectors) {
    scales_.push_back(index::Measure::scale_of(metric_, vector));
  }
}

ShardId Placement::home(std::string_view id, const Vector& vector) const {
  if (vector.empty() || centroids_->vectors.empty()) return home_shard(id, shards_);
  const auto keys = keys_of(metric_ == Metric::kDot ? Metric::kL2 : metric_, vector);
  return {static_cast<std::uint32_t>(std::min_element(keys.begin(), keys.end()) - keys.begin())};
}

std::vector<ShardId> Placement::nearest(const Vector& query) const {
  std::vector<ShardId> shards(shards_);
  for (std::uint32_t i = 0; i < shards_; ++i) shards[i] = {i};
  if (centroids_->vectors.empty()) return shards;
  const auto keys = keys_of(metric_, query);
  std::stable_sort(shards.begin(), shards.end(),
                   [&](ShardId a, ShardId b) { return keys[a.value] < keys[b.value]; });
  return shards;
}

std::vector<double> Placement::keys_of(Metric metric, const Vector& vector) const {
  const index::Measure measure(metric, vector);
  std::vector<double> keys;
  keys.reserve(scales_.size());
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    keys.push_back(measure.key(centroids_->vectors[i].data(), scales_[i]));
  }
  return keys;
}

}  // namespace mosaic::routing
