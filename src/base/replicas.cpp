#include "base/replicas.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "base/checksum.hpp"
#include "base/wire.hpp"

namespace mosaic {
namespace {

std::uint64_t weight(Seq collection, ShardId shard, std::uint64_t node) {
  ByteWriter writer;
  writer(collection, shard.value, node);
  return checksum(writer.bytes());
}

/// The heaviest first.
void sort_by_weight(Seq collection, ShardId shard, NodeIds& nodes) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> weighted;
  for (const auto node : nodes) weighted.emplace_back(weight(collection, shard, node), node);
  std::sort(weighted.begin(), weighted.end(), std::greater<>());
  std::transform(weighted.begin(), weighted.end(), nodes.begin(),
                 [](const auto& each) { return each.second; });
}

}  // namespace

bool is_sound(const ReplicaChange& change, const ReplicaSet& now) {
  bool whole = false;
  for (const auto& replica : change.replicas) {
    const auto* before = replica_on(now, replica.node);
    if (before == nullptr && replica.whole) return false;
    whole |= before != nullptr && before->whole && replica.whole;
  }
  return whole && now.seq == change.before;
}

std::vector<NodeIds> rendezvous(Seq collection, std::uint32_t shards, std::uint32_t count,
                                NodeIds nodes) {
  std::vector<NodeIds> homes(shards);
  if (nodes.empty()) return homes;
  const auto each = std::min<std::size_t>(count, nodes.size());
  // What does not come out even goes to the heaviest for a shard that is not there.
  sort_by_weight(collection, {shards}, nodes);
  std::map<std::uint64_t, std::size_t> room;
  for (std::size_t i = 0; i < shards * each; ++i) ++room[nodes[i % nodes.size()]];
  for (std::uint32_t i = 0; i < shards; ++i) {
    sort_by_weight(collection, {i}, nodes);
    // Who needs all that are left to come to its share goes first, else it would not.
    const std::size_t left = shards - i;
    std::stable_partition(nodes.begin(), nodes.end(),
                          [&](auto node) { return room[node] == left; });
    for (const auto node : nodes) {
      if (homes[i].size() == each || room[node] == 0) continue;
      homes[i].push_back(node);
      --room[node];
    }
    std::sort(homes[i].begin(), homes[i].end());
  }
  return homes;
}

}  // namespace mosaic
