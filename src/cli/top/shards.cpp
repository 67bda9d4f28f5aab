#include "cli/top/shards.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace mosaic::cli::top {
namespace {

constexpr auto kSearches = "mosaic_shard_search_duration_seconds";
constexpr auto kOther = "_other";
constexpr auto kApplies = "mosaic_shard_apply_duration_seconds";

Labels labels_of(const FailingShard& shard) {
  return {{"collection", shard.collection}, {"shard", shard.shard}};
}

/// "2" before "10": numbers of shards are texts here.
auto name_key(const ShardFigures& shard) {
  return std::tuple(std::string_view(shard.collection), shard.shard.size(),
                    std::string_view(shard.shard));
}

std::string state_of(const Interval& interval, const Labels& labels) {
  const auto up = interval.gauge("mosaic_shard_up", labels);
  return !up ? "-" : *up > 0 ? "up" : "down";
}

ShardFigures one_shard(const Interval& interval, const Labels& labels) {
  return {
      .collection = labels.at("collection"),
      .shard = labels.at("shard"),
      .state = state_of(interval, labels),
      .error = {},
      .searches_per_s = interval.rate(std::string(kSearches) + "_count", labels),
      .search_mean_s = interval.mean(kSearches, labels),
      .apply_mean_s = interval.mean(kApplies, labels),
      .documents = interval.gauge("mosaic_shard_documents", labels),
      .bytes = interval.gauge("mosaic_shard_bytes", labels),
      .memory_bytes = interval.gauge("mosaic_shard_memory_bytes", labels),
      .applied_seq = interval.gauge("mosaic_shard_applied_seq", labels),
      .restarts = interval.gauge("mosaic_shard_restarts_total", labels),
  };
}

}  // namespace

std::string_view to_string(ShardOrder order) {
  switch (order) {
    case ShardOrder::kLoad:
      return "load";
    case ShardOrder::kDocuments:
      return "documents";
    case ShardOrder::kName:
      break;
  }
  return "name";
}

ShardOrder next(ShardOrder order) {
  switch (order) {
    case ShardOrder::kLoad:
      return ShardOrder::kDocuments;
    case ShardOrder::kDocuments:
      return ShardOrder::kName;
    case ShardOrder::kName:
      break;
  }
  return ShardOrder::kLoad;
}

std::vector<ShardFigures> shard_figures(const Interval& interval) {
  std::set<Labels> names;
  for (const auto* name : {"mosaic_shard_up", "mosaic_shard_documents",
                           "mosaic_shard_search_duration_seconds_count"}) {
    names.merge(interval.groups(name, {"collection", "shard"}));
  }
  std::map<Labels, const FailingShard*> failing;
  for (const auto& shard : interval.now().health.failing) {
    names.insert(labels_of(shard));
    failing.emplace(labels_of(shard), &shard);
  }
  std::vector<ShardFigures> shards;
  for (const auto& labels : names) {
    auto shard = one_shard(interval, labels);
    if (const auto found = failing.find(labels); found != failing.end()) {
      shard.state = found->second->state;
      shard.error = found->second->error;
    }
    // The sum of the shards without series of their own stands there when there are none, too.
    if (shard.collection == kOther && shard.documents.value_or(0) <= 0) continue;
    shards.push_back(std::move(shard));
  }
  sort_shards(shards, ShardOrder::kName);
  return shards;
}

void sort_shards(std::vector<ShardFigures>& shards, ShardOrder order) {
  const auto key = [order](const ShardFigures& shard) {
    const auto& number = order == ShardOrder::kLoad ? shard.searches_per_s : shard.documents;
    const double falling = order == ShardOrder::kName ? 0 : -number.value_or(0);
    return std::tuple_cat(std::tuple(!shard.failing(), falling), name_key(shard));
  };
  std::sort(shards.begin(), shards.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

}  // namespace mosaic::cli::top
