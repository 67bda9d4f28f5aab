// The shards of a node. With thousands of collections only the oldest shards have series of their
// own; the others are summed, so that the number of series stays bounded. Counts never fall: what
// leaves the sum, because its collection was dropped or it got series of its own, stays counted.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/entry.hpp"
#include "metrics/sampled_family.hpp"
#include "metrics/shard_meter.hpp"

namespace mosaic::metrics {

/// Shards with series of their own; those of the oldest collections come first.
constexpr std::size_t kShardSeriesMax = 200;
/// Further shards that are named by mosaic_shard_up because they are not up.
constexpr std::size_t kFailingSeriesMax = 200;
/// The collection and the shard of what is summed: no collection's name begins with '_'.
constexpr const char* kOtherShards = "_other";

class ShardMetrics : public prometheus::Collectable {
 public:
  /// The meter of a shard, made at the first call.
  ShardMeterPtr meter(CollectionId collection, const std::string& name, ShardId shard);
  /// The collection was dropped.
  void drop(CollectionId collection);
  /// The shard lives on other nodes now.
  void drop(CollectionId collection, ShardId shard);

  bool any_missed() const;
  MetricFamilies Collect() const override;

 private:
  /// What adds up over shards.
  struct Counts {
    Timing::Total searches;
    Timing::Total applies;
    std::uint64_t restarts = 0;
    std::array<std::uint64_t, 4> index_builds{};  ///< in the order of IndexBuilds
    Timing::Total index_build_time;
    std::uint64_t index_damages = 0;

    void add(const ShardMeter& meter);
  };
  struct Entry {
    std::string collection;
    ShardMeterPtr meter;
    bool own = false;  ///< has series of its own
  };
  using Key = std::pair<CollectionId, ShardId>;
  using Entries = std::map<Key, Entry>;
  class Families;

  Entries::iterator erase(Entries::iterator entry);
  void give_own_series();

  mutable std::mutex mutex_;  ///< guards everything below, but not what the meters hold
  Entries shards_;
  std::set<Key> summed_;  ///< those without series of their own
  Counts left_;           ///< counts of those that left the sum
};

}  // namespace mosaic::metrics
