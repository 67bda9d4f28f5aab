// The text of the hot loops, included once for each instruction set, between its `#pragma GCC
// target` and the end of that. Plain pointers throughout: nothing of the standard library is
// compiled for a CPU that may not be there.
#pragma once

#include "index/graph/walk.hpp"

namespace mosaic::index::MOSAIC_WALK_SET {

constexpr Node kExpanded = 0x8000'0000;  ///< marks a node of the beam that was gone on from
/// How many codes ahead of the one being compared are fetched.
constexpr std::size_t kAhead = 16;
/// So many nodes are gone on from at a time: the CPU waits for the first codes of each round.
constexpr std::size_t kTogether = 2;
constexpr std::size_t kFour = 4;
constexpr std::size_t kCacheLine = 64;
/// Of level 0: twice the largest m.
constexpr std::size_t kDegreeMax = 256;
constexpr std::size_t kDamaged = ~std::size_t{0};
/// A code's first lines are fetched; the CPU follows by itself.
constexpr std::size_t kFetchMax = 24 * kCacheLine;

/// The codes of a graph under one distance. kBlocks 0: known at run time only.
template <class Distance, std::size_t kBlocks, bool kVerified>
struct Codes {
  const WalkGraph& graph;
  const std::byte* query;
  std::size_t compared = 0;
  bool damaged = false;

  const std::byte* at(Node node) const { return graph.codes + node * graph.code_bytes; }
  std::size_t blocks() const { return kBlocks != 0 ? kBlocks : graph.code_bytes / kCodeBlock; }

  void fetch(Node node) const {
    const auto* code = at(node);
    const auto bytes = kBlocks != 0 ? kBlocks * kCodeBlock : graph.code_bytes;
    for (std::size_t line = 0; line < bytes && line < kFetchMax; line += kCacheLine)
      __builtin_prefetch(code + line);
  }

  float distance(Node node) {
    ++compared;
    return uncounted(node);
  }

  float uncounted(Node node) {
    if constexpr (!kVerified) {
      const auto begin = node * graph.code_bytes;
      if (node >= graph.nodes || !graph.codes_file->verify(begin, begin + graph.code_bytes)) {
        damaged = true;
        return 0;
      }
    }
    return Distance::at(query, at(node), blocks());
  }

  /// Those of nodes[0] to nodes[3]. One by one they would be added up with twice the instructions.
  void four(const Node* nodes, float* distances) {
    if constexpr (kVerified && requires { Distance::four; }) {
      const std::byte* codes[] = {at(nodes[0]), at(nodes[1]), at(nodes[2]), at(nodes[3])};
      Distance::four(query, codes, blocks(), distances);
    } else {
      for (std::size_t i = 0; i < kFour; ++i) distances[i] = uncounted(nodes[i]);
    }
  }

  /// Calls visit(node, distance), in their order, for those of `nodes` that are not at bound() or
  /// beyond by then. All distances go to `all`, unless that is null.
  template <class Bound, class Visit>
  [[gnu::always_inline]] void compare(const Node* nodes, std::size_t count, float* all,
                                      Bound&& bound, Visit&& visit) {
    for (std::size_t i = 0; i < count && i < kAhead; ++i) fetch(nodes[i]);
    for (std::size_t i = 0; i < count && count < kFour; ++i) {
      const float alone = uncounted(nodes[i]);
      if (all != nullptr) all[i] = alone;
      if (!(alone >= bound())) visit(nodes[i], alone);
    }
    for (std::size_t i = 0; i < count && count >= kFour; i += kFour) {
      for (std::size_t next = i + kAhead; next < i + kAhead + kFour && next < count; ++next)
        fetch(nodes[next]);
      // The last four overlap with those before, which are not visited again.
      const auto begin = i + kFour <= count ? i : count - kFour;
      float unkept[kFour];
      float* distances = all != nullptr ? all + begin : unkept;
      four(nodes + begin, distances);
      auto nearer = within(distances, bound()) >> (i - begin) << (i - begin);
      for (; nearer != 0; nearer &= nearer - 1) {
        const auto j = static_cast<std::size_t>(__builtin_ctz(nearer));
        visit(nodes[begin + j], distances[j]);
      }
    }
    compared += count;
  }
};

/// Keeps the `capacity` nearest in rising order. Returns where it put this one, or capacity.
inline std::size_t insert(Reached* list, std::size_t& size, std::size_t capacity, Reached added) {
  if (size == capacity && added.distance >= list[size - 1].distance) return capacity;
  const Reached* begin = list;
  for (std::size_t left = size; left > 0;) {
    const auto half = left / 2;
    const bool after = begin[half].distance <= added.distance;
    begin = after ? begin + half + 1 : begin;
    left = after ? left - half - 1 : half;
  }
  const auto low = static_cast<std::size_t>(begin - list);
  if (size < capacity) ++size;
  __builtin_memmove(list + low + 1, list + low, (size - 1 - low) * sizeof(Reached));
  list[low] = added;
  return low;
}

constexpr float kNoBound = __builtin_nanf("");

/// What is here or beyond does not enter such a list any more.
inline float bound_of(const Reached* list, std::size_t size, std::size_t capacity) {
  return size == capacity ? list[size - 1].distance : kNoBound;
}

/// The node of level 0 to begin from: greedily down through the levels above.
template <class AnyCodes>
Reached descend(const WalkGraph& graph, AnyCodes& codes) {
  if (graph.levels.empty()) return {codes.distance(graph.entry), graph.entry};
  Node at = graph.entry;
  Reached nearest{};
  for (std::size_t number = graph.levels.size(); number-- > 0;) {
    const auto* nodes = graph.levels[number].nodes.data();
    const auto* links = graph.levels[number].links.data();
    nearest = {codes.distance(nodes[at]), nodes[at]};
    for (bool moved = true; moved;) {
      moved = false;
      const Node* places = links + at * graph.m;
      for (std::size_t i = 0; i < graph.m && places[i] != kNoNode; ++i)
        codes.fetch(nodes[places[i]]);
      for (std::size_t i = 0; i < graph.m && places[i] != kNoNode; ++i) {
        const float distance = codes.distance(nodes[places[i]]);
        // A distance that is no number is no way on, or there would be no end.
        if (!(distance < nearest.distance)) continue;
        nearest = {distance, nodes[places[i]]};
        at = places[i];
        moved = true;
      }
    }
    at = graph.levels[number].below.data()[at];
  }
  return nearest;
}

/// Marks the nodes that `node` leads to and gives those that were not marked before; more than
/// there can be when the file is damaged.
template <bool kVerified>
std::size_t fresh_links(const WalkGraph& graph, Node node, std::uint64_t* visited, Node* fresh) {
  if constexpr (!kVerified) {
    const auto begin = node * graph.link_stride;
    if (!graph.links_file->verify(begin, begin + graph.link_stride)) return kDamaged;
  }
  const auto* places = reinterpret_cast<const Node*>(graph.links + node * graph.link_stride);
  std::size_t count = 0;
  for (std::size_t i = 0; i < graph.degree && places[i] != kNoNode; ++i) {
    if constexpr (!kVerified) {
      if (places[i] >= graph.nodes) return kDamaged;
    }
    // Whether a node was met before is anybody's guess: no branch may depend on it.
    auto& word = visited[places[i] / 64];
    const auto seen = word >> (places[i] % 64) & 1;
    word |= std::uint64_t{1} << (places[i] % 64);
    fresh[count] = places[i];
    count += 1 - seen;
  }
  return count;
}

/// Nearly all nodes that enter the beam are gone on from: their links are there by then.
inline void fetch_links(const WalkGraph& graph, Node node) {
  const auto* links = graph.links + node * graph.link_stride;
  __builtin_prefetch(links);
  __builtin_prefetch(links + kCacheLine);
}

/// The first of the beam from `at` on that is still to be gone on from.
inline std::size_t first_left(const Reached* beam, std::size_t size, std::size_t at) {
  while (at < size && (beam[at].node & kExpanded) != 0) ++at;
  return at;
}

template <class Distance, std::size_t kBlocks, bool kVerified>
WalkEnd walk(const WalkGraph& graph, const WalkTask& task, WalkScratch& scratch) {
  Codes<Distance, kBlocks, kVerified> codes{graph, task.query};
  Reached* beam = scratch.found.data();
  std::uint64_t* visited = scratch.visited.data();
  __builtin_memset(visited, 0, (graph.nodes + 63) / 64 * sizeof(std::uint64_t));
  beam[0] = descend(graph, codes);
  if (codes.damaged) return {0, 0, true};
  visited[beam[0].node / 64] |= std::uint64_t{1} << (beam[0].node % 64);
  std::size_t size = 1;
  Node fresh[kTogether * kDegreeMax + 1];  // one more than fit: written before it is known to stay
  for (std::size_t next = 0; next < size; next = first_left(beam, size, next)) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kTogether && next < size; ++i) {
      const auto added = fresh_links<kVerified>(graph, beam[next].node, visited, fresh + count);
      if (!kVerified && added == kDamaged) return {0, 0, true};
      count += added;
      beam[next].node |= kExpanded;
      next = first_left(beam, size, next);
    }
    const auto bound = [&] { return bound_of(beam, size, task.nearest); };
    codes.compare(fresh, count, nullptr, bound, [&](Node node, float distance) {
      const auto place = insert(beam, size, task.nearest, {distance, node});
      if (place == task.nearest) return;
      fetch_links(graph, node);
      if (place < next) next = place;
    });
    if (codes.damaged) return {0, 0, true};
  }
  for (std::size_t i = 0; i < size; ++i) beam[i].node &= ~kExpanded;
  return {size, codes.compared, false};
}

template <class Distance, std::size_t kBlocks, bool kVerified>
WalkEnd scan(const WalkGraph& graph, const WalkTask& task, std::span<const Node> nodes,
             WalkScratch& scratch) {
  Codes<Distance, kBlocks, kVerified> codes{graph, task.query};
  Reached* found = scratch.found.data();
  float* distances = scratch.distances.data() + task.scanned;
  std::size_t size = task.found;
  const auto bound = [&] { return bound_of(found, size, task.nearest); };
  codes.compare(nodes.data(), nodes.size(), distances, bound, [&](Node node, float distance) {
    insert(found, size, task.nearest, {distance, node});
  });
  return {size, codes.compared, codes.damaged};
}

template <class Distance, std::size_t kBlocks, bool kVerified>
constexpr WalkLoops kLoops{walk<Distance, kBlocks, kVerified>, scan<Distance, kBlocks, kVerified>};

template <class Distance, std::size_t kBlocks>
WalkLoops loops_of(bool verified) {
  return verified ? kLoops<Distance, kBlocks, true> : kLoops<Distance, kBlocks, false>;
}

/// The usual dimensions of embeddings have loops of their own: 128, 256, 384, 512, 768 and 1,024
/// bytes.
template <class Distance>
WalkLoops sized_loops(std::size_t blocks, bool verified) {
  if (blocks == 2) return loops_of<Distance, 2>(verified);
  if (blocks == 4) return loops_of<Distance, 4>(verified);
  if (blocks == 6) return loops_of<Distance, 6>(verified);
  if (blocks == 8) return loops_of<Distance, 8>(verified);
  if (blocks == 12) return loops_of<Distance, 12>(verified);
  if (blocks == 16) return loops_of<Distance, 16>(verified);
  return loops_of<Distance, 0>(verified);
}

inline WalkLoops loops(CodeKind kind, std::size_t blocks, bool verified) {
  switch (kind) {
    case CodeKind::kFloat32Dot:
      return loops_of<Float32<Product>, 0>(verified);
    case CodeKind::kFloat32L2:
      return loops_of<Float32<Square>, 0>(verified);
    case CodeKind::kFloat32L1:
      return loops_of<Float32<Difference>, 0>(verified);
    case CodeKind::kFloat16Dot:
      return loops_of<Float16Query<Product>, 0>(verified);
    case CodeKind::kFloat16L2:
      return loops_of<Float16Query<Square>, 0>(verified);
    case CodeKind::kFloat16L1:
      return loops_of<Float16Query<Difference>, 0>(verified);
    case CodeKind::kInt8Dot:
      return sized_loops<Int8DotQuery>(blocks, verified);
    case CodeKind::kInt8L2:
      return sized_loops<Int8L2>(blocks, verified);
    case CodeKind::kInt8L1:
      return loops_of<Int8L1, 0>(verified);
    case CodeKind::kSigns:
      break;
  }
  return loops_of<SignsQuery, 0>(verified);
}

}  // namespace mosaic::index::MOSAIC_WALK_SET
