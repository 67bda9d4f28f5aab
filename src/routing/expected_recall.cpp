#include "routing/expected_recall.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "index/measure.hpp"
#include "index/nearest_heap.hpp"

namespace mosaic::routing {
namespace {

/// A sample, and what is asked of it again and again.
class Neighbours {
 public:
  Neighbours(const std::vector<Vector>& sample, const Placement& placement, Metric metric)
      : sample_(sample), placement_(placement), metric_(metric), homes_(sample.size()) {
    for (const auto& vector : sample) {
      scales_.push_back(index::Measure::scale_of(metric, vector));
    }
  }

  /// The shards in which the nearest neighbours of one vector live.
  std::vector<ShardId> homes_around(std::size_t query) {
    const index::Measure measure(metric_, sample_[query]);
    index::NearestHeap heap(std::min(kRecallNeighbours, sample_.size() - 1));
    for (std::size_t i = 0; i < sample_.size(); ++i) {
      if (i == query) continue;
      const double key = measure.key(sample_[i].data(), scales_[i]);
      if (key <= heap.bound()) heap.offer({key, {}, static_cast<Row>(i)});
    }
    std::vector<ShardId> homes;
    for (const auto& neighbour : heap.take()) {
      homes.push_back(home(static_cast<std::size_t>(neighbour.row)));
    }
    return homes;
  }

 private:
  /// Few vectors of a large sample are neighbours of a query, many of those of several.
  ShardId home(std::size_t i) {
    if (!homes_[i]) homes_[i] = placement_.home({}, sample_[i]);
    return *homes_[i];
  }

  const std::vector<Vector>& sample_;
  const Placement& placement_;
  const Metric metric_;
  std::vector<double> scales_;
  std::vector<std::optional<ShardId>> homes_;
};

}  // namespace

std::vector<double> expected_recall(const std::vector<Vector>& sample, const Placement& placement,
                                    Metric metric, const GoOn& go_on) {
  const auto shards = placement.centroids().vectors.size();
  if (sample.size() < 2 || shards == 0) return {};
  Neighbours neighbours(sample, placement, metric);
  // [r]: neighbours that live in the shard which is the r-th nearest to their query.
  std::vector<std::uint64_t> at_rank(shards);
  const auto queries = std::min(kRecallQueries, sample.size());
  for (std::size_t query = 0; query < queries; ++query) {
    if (go_on && !go_on(static_cast<double>(query) / static_cast<double>(queries))) return {};
    const auto nearest = placement.nearest(sample[query]);
    for (const auto home : neighbours.homes_around(query)) {
      const auto rank = std::find(nearest.begin(), nearest.end(), home) - nearest.begin();
      ++at_rank[static_cast<std::size_t>(rank)];
    }
  }
  std::partial_sum(at_rank.begin(), at_rank.end(), at_rank.begin());
  std::vector<double> recall;
  for (const auto found : at_rank) {
    recall.push_back(static_cast<double>(found) / static_cast<double>(at_rank.back()));
  }
  return recall;
}

}  // namespace mosaic::routing
