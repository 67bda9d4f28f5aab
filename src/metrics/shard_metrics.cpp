#include "metrics/shard_metrics.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace mosaic::metrics {
namespace {

constexpr std::size_t kShardStates = 4;
constexpr std::array<const char*, 4> kBuildOutcomes = {"built", "extended", "stopped", "failed"};

Labels labels_of(const std::string& collection, ShardId shard) {
  return {{"collection", collection}, {"shard", std::to_string(shard.value)}};
}

struct Sizes {
  std::uint64_t documents = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t index_nodes = 0;
  std::uint64_t index_tail = 0;
  std::uint64_t applied_seq = 0;  ///< the newest

  void add(const ShardMeter& meter) {
    documents += meter.documents;
    file_bytes += meter.file_bytes;
    memory_bytes += meter.memory_bytes;
    index_nodes += meter.index_nodes;
    index_tail += meter.index_tail;
    applied_seq = std::max<std::uint64_t>(applied_seq, meter.applied_seq);
  }
};

}  // namespace

/// The families while they are filled, a shard after the other.
class ShardMetrics::Families {
 public:
  void count(const Key& key, const ShardMeter& meter) {
    ++states_[static_cast<std::size_t>(meter.state.load())];
    documents_ += meter.documents;
    collections_ += !last_ || *last_ != key.first;
    last_ = key.first;
  }

  void up(const Labels& labels, bool up) { add_value(up_, labels, up ? 1 : 0); }

  void shard(const Labels& labels, const Counts& counts, const Sizes& sizes) {
    add_summary(searches_, labels, counts.searches.count, counts.searches.seconds);
    add_summary(applies_, labels, counts.applies.count, counts.applies.seconds);
    add_value(restarts_, labels, static_cast<double>(counts.restarts));
    add_value(documents_of_, labels, static_cast<double>(sizes.documents));
    add_value(bytes_, labels, static_cast<double>(sizes.file_bytes));
    add_value(memory_, labels, static_cast<double>(sizes.memory_bytes));
    add_value(applied_, labels, static_cast<double>(sizes.applied_seq));
    index(labels, counts, sizes);
  }

  MetricFamilies finish() {
    auto states = gauge_family("mosaic_shards", "Shards of this node by state");
    for (std::size_t i = 0; i < kShardStates; ++i) {
      add_value(states, {{"state", std::string(to_string(static_cast<ShardState>(i)))}},
                static_cast<double>(states_[i]));
    }
    auto collections = gauge_family("mosaic_collections", "Collections of this node");
    add_value(collections, {}, static_cast<double>(collections_));
    auto documents = gauge_family("mosaic_documents", "Live documents in shards of this node");
    add_value(documents, {}, static_cast<double>(documents_));
    return {states, collections, documents, up_,    searches_, applies_, restarts_, documents_of_,
            bytes_, memory_,     applied_,  nodes_, tail_,     builds_,  building_, damages_};
  }

 private:
  void index(const Labels& labels, const Counts& counts, const Sizes& sizes) {
    add_value(nodes_, labels, static_cast<double>(sizes.index_nodes));
    add_value(tail_, labels, static_cast<double>(sizes.index_tail));
    for (std::size_t i = 0; i < kBuildOutcomes.size(); ++i) {
      auto outcome = labels;
      outcome["outcome"] = kBuildOutcomes[i];
      add_value(builds_, outcome, static_cast<double>(counts.index_builds[i]));
    }
    add_summary(building_, labels, counts.index_build_time.count, counts.index_build_time.seconds);
    add_value(damages_, labels, static_cast<double>(counts.index_damages));
  }

  std::array<std::size_t, kShardStates> states_{};
  std::size_t collections_ = 0;
  std::uint64_t documents_ = 0;
  std::optional<CollectionId> last_;
  MetricFamily up_ = gauge_family("mosaic_shard_up", "1 while the shard serves, else 0");
  MetricFamily searches_ =
      summary_family("mosaic_shard_search_duration_seconds",
                     "Time that searchers of the shard worked on searches, and how many");
  MetricFamily applies_ =
      summary_family("mosaic_shard_apply_duration_seconds",
                     "Time that the shard applied groups of log entries, and how many");
  MetricFamily restarts_ = counter_family("mosaic_shard_restarts_total",
                                          "How often the shard was started again after a failure");
  MetricFamily documents_of_ =
      gauge_family("mosaic_shard_documents", "Live documents in the shard");
  MetricFamily bytes_ =
      gauge_family("mosaic_shard_bytes", "Size of the shard's files on disk: data, WAL and index");
  MetricFamily memory_ =
      gauge_family("mosaic_shard_memory_bytes", "Memory that the shard's vectors and graph take");
  MetricFamily applied_ =
      gauge_family("mosaic_shard_applied_seq", "Number of the newest log entry that is applied");
  MetricFamily nodes_ =
      gauge_family("mosaic_shard_index_vectors", "Vectors in the shard's graph, ended ones too");
  MetricFamily tail_ = gauge_family("mosaic_shard_index_tail_vectors",
                                    "Live vectors that are not in the shard's graph (yet)");
  MetricFamily builds_ = counter_family("mosaic_shard_index_builds_total",
                                        "Builds of the shard's graph by how they ended");
  MetricFamily building_ = summary_family("mosaic_shard_index_build_duration_seconds",
                                          "Time that builds of a graph took, and how many");
  MetricFamily damages_ = counter_family("mosaic_shard_index_damages_total",
                                         "Index files of the shard that were found damaged");
};

void ShardMetrics::Counts::add(const ShardMeter& meter) {
  searches += meter.searches.total();
  applies += meter.applies.total();
  restarts += meter.restarts;
  const auto& builds = meter.index_builds;
  index_builds[0] += builds.built;
  index_builds[1] += builds.extended;
  index_builds[2] += builds.stopped;
  index_builds[3] += builds.failed;
  index_build_time += meter.index_build_time.total();
  index_damages += meter.index_damages;
}

ShardMeterPtr ShardMetrics::meter(CollectionId collection, const std::string& name, ShardId shard) {
  const std::lock_guard lock(mutex_);
  const Key key{collection, shard};
  auto& entry = shards_[key];
  if (entry.meter) return entry.meter;
  entry.collection = name;
  entry.meter = std::make_shared<ShardMeter>();
  entry.own = shards_.size() - summed_.size() <= kShardSeriesMax;
  if (!entry.own) summed_.insert(key);
  return entry.meter;
}

void ShardMetrics::drop(CollectionId collection) {
  const std::lock_guard lock(mutex_);
  auto entry = shards_.lower_bound({collection, {0}});
  while (entry != shards_.end() && entry->first.first == collection) entry = erase(entry);
  give_own_series();
}

void ShardMetrics::drop(CollectionId collection, ShardId shard) {
  const std::lock_guard lock(mutex_);
  const auto entry = shards_.find({collection, shard});
  if (entry == shards_.end()) return;
  erase(entry);
  give_own_series();
}

ShardMetrics::Entries::iterator ShardMetrics::erase(Entries::iterator entry) {
  if (summed_.erase(entry->first) != 0) left_.add(*entry->second.meter);
  return shards_.erase(entry);
}

/// The oldest of those that are summed take the places that have become free.
void ShardMetrics::give_own_series() {
  while (!summed_.empty() && shards_.size() - summed_.size() < kShardSeriesMax) {
    auto& entry = shards_.at(*summed_.begin());
    left_.add(*entry.meter);
    entry.own = true;
    summed_.erase(summed_.begin());
  }
}

bool ShardMetrics::any_missed() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(shards_.begin(), shards_.end(),
                     [](const auto& entry) { return entry.second.meter->missed.load(); });
}

MetricFamilies ShardMetrics::Collect() const {
  const std::lock_guard lock(mutex_);
  Families families;
  Counts summed = left_;
  Sizes summed_sizes;
  std::size_t failing = 0;
  for (const auto& [key, entry] : shards_) {
    const auto& meter = *entry.meter;
    families.count(key, meter);
    const bool up = meter.state == ShardState::kUp;
    if (!entry.own) {
      summed.add(meter);
      summed_sizes.add(meter);
      if (up || failing++ >= kFailingSeriesMax) continue;
    }
    const auto labels = labels_of(entry.collection, key.second);
    families.up(labels, up);
    if (!entry.own) continue;
    Counts counts;
    counts.add(meter);
    Sizes sizes;
    sizes.add(meter);
    families.shard(labels, counts, sizes);
  }
  families.shard({{"collection", kOtherShards}, {"shard", kOtherShards}}, summed, summed_sizes);
  return families.finish();
}

}  // namespace mosaic::metrics
