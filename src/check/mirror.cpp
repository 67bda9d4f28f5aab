#include "check/mirror.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/checksum.hpp"

namespace mosaic::check {
namespace {

using storage::Database;

/// A fold of a link that is the same wherever it is stored. Of 64 bits: two links of one pair of
/// shards that fold alike would hide each other's absence, once in some billions of links.
std::uint64_t fold(const MirrorLink& link) {
  auto sum = checksum(link.source, link.seq);
  sum = checksum(link.target, sum);
  sum = checksum(link.kind, sum);
  return sum ^ (std::bit_cast<std::uint64_t>(link.weight) * 0x9e3779b97f4a7c15u);
}

void add(LinkTotal& total, const MirrorLink& link) {
  const auto folded = fold(link);
  ++total.links;
  total.sum += folded;
  total.squares += folded * folded;
}

}  // namespace

void for_each_link(Database& database, Seq seq,
                   const std::function<void(const MirrorLink&)>& visit) {
  auto select = database.prepare(
      "SELECT edge, source, target, kind, weight, seq FROM edges e WHERE seq <= ?1 AND NOT EXISTS "
      "(SELECT 1 FROM ended_edges x WHERE x.edge = e.edge AND x.seq_ended <= ?1)");
  const auto most = static_cast<Seq>(std::numeric_limits<std::int64_t>::max());
  select.bind(1, static_cast<std::int64_t>(std::min(seq, most)));
  while (select.step()) {
    visit({select.column_int(0), select.column_text(1), select.column_text(2),
           select.column_text(3), select.column_double(4), static_cast<Seq>(select.column_int(5))});
  }
}

bool MirrorPair::holds(const MirrorLink& link) const {
  return home_shard(link.source, shards) == home && home_shard(link.target, shards) == mirror;
}

LinkTotals link_totals(Database& database, ShardId shard, std::uint32_t shards, Seq seq) {
  LinkTotals totals;
  for_each_link(database, seq, [&](const MirrorLink& link) {
    const auto home = home_shard(link.source, shards);
    const auto mirror = home_shard(link.target, shards);
    if (home == mirror) return;
    if (home == shard) add(totals.mirrored_at[mirror.value], link);
    if (mirror == shard) add(totals.from[home.value], link);
  });
  return totals;
}

MirrorDifference compare_links(Database& home, Database& mirror, const MirrorPair& pair, Seq seq) {
  std::unordered_multimap<std::uint64_t, std::int64_t> waiting;
  for_each_link(home, seq, [&](const MirrorLink& link) {
    if (pair.holds(link)) waiting.emplace(fold(link), link.edge);
  });
  MirrorDifference difference;
  for_each_link(mirror, seq, [&](const MirrorLink& link) {
    if (!pair.holds(link)) return;
    const auto found = waiting.find(fold(link));
    if (found == waiting.end()) {
      difference.extra.push_back(link.edge);
    } else {
      waiting.erase(found);
    }
  });
  for (const auto& [folded, edge] : waiting) difference.missing.push_back(edge);
  return difference;
}

}  // namespace mosaic::check
