#include "check/edge_check.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/checksum.hpp"

namespace mosaic::check {
namespace {

void check_count(Scope& scope, const ShardPlace& place, storage::Database& database) {
  const auto live = live_links(database, place.identity);
  scope.report().links += live;
  const auto stored = static_cast<std::uint64_t>(storage::read_meta(database, "edges"));
  if (stored == live) return;
  scope.find_derived(Remedy::kCounts, place.file, "table meta",
                     fmt::format("it counts {} live links, there are {}", stored, live));
}

LinkTotal total_in(const std::unordered_map<std::uint32_t, LinkTotal>& totals, ShardId shard) {
  const auto found = totals.find(shard.value);
  return found == totals.end() ? LinkTotal{} : found->second;
}

}  // namespace

std::uint64_t live_links(storage::Database& database, const storage::ShardIdentity& identity) {
  std::uint64_t live = 0;
  for_each_link(database, std::numeric_limits<Seq>::max(), [&](const MirrorLink& link) {
    live += home_shard(link.source, identity.shards) == identity.shard ? 1 : 0;
  });
  return live;
}

Seq common_seq(const std::vector<ShardCheck>& checks) {
  auto seq = std::numeric_limits<Seq>::max();
  for (const auto& check : checks) {
    if (check.database != nullptr) seq = std::min(seq, check.applied);
  }
  return seq;
}

std::vector<MirrorPair> different_mirrors(const std::vector<ShardPlace>& places,
                                          const std::vector<ShardCheck>& checks) {
  std::vector<LinkTotals> totals(checks.size());
  const auto seq = common_seq(checks);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (checks[i].database == nullptr) continue;
    const auto& identity = places[i].identity;
    totals[i] = link_totals(*checks[i].database, identity.shard, identity.shards, seq);
  }
  std::vector<MirrorPair> different;
  for (std::size_t home = 0; home < checks.size(); ++home) {
    for (std::size_t mirror = 0; mirror < checks.size(); ++mirror) {
      if (checks[home].database == nullptr || checks[mirror].database == nullptr) continue;
      const auto& from = places[home].identity;
      const auto& to = places[mirror].identity;
      if (total_in(totals[home].mirrored_at, to.shard) != total_in(totals[mirror].from, from.shard))
        different.push_back({from.shard, to.shard, from.shards});
    }
  }
  return different;
}

void check_edges(Scope& scope, const std::vector<ShardPlace>& places,
                 const std::vector<ShardCheck>& checks) {
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (checks[i].database != nullptr) check_count(scope, places[i], *checks[i].database);
  }
  const auto seq = common_seq(checks);
  for (const auto& pair : different_mirrors(places, checks)) {
    const auto difference = compare_links(*checks[pair.home.value].database,
                                          *checks[pair.mirror.value].database, pair, seq);
    scope.find_derived(
        Remedy::kMirror, places[pair.mirror.value].file, "table edges",
        fmt::format("of the links from shard {}, {} are missing here and {} are too many",
                    pair.home.value, difference.missing.size(), difference.extra.size()));
  }
}

}  // namespace mosaic::check
