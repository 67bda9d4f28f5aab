#include "base/replicas.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/wire.hpp"

namespace mosaic {
namespace {

std::uint64_t weight(Seq collection, ShardId shard, std::uint64_t node) {
  ByteWriter writer;
  writer(collection, shard.value, node);
  return checksum(writer.bytes());
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

std::vector<std::uint64_t> rendezvous(Seq collection, ShardId shard, std::uint32_t count,
                                      std::vector<std::uint64_t> nodes) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> weights;
  for (const auto node : nodes) weights.emplace_back(weight(collection, shard, node), node);
  std::sort(weights.begin(), weights.end(), std::greater<>());
  nodes.resize(std::min<std::size_t>(nodes.size(), count));
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = weights[i].second;
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

}  // namespace mosaic
