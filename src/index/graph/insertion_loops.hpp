// The text of the hot loops of a build, included once for each instruction set as walk_loops.hpp
// is.
#pragma once

#include "index/graph/insertion.hpp"
#include "index/graph/walk_loops.hpp"

namespace mosaic::index::MOSAIC_WALK_SET {

/// Copies the links of a list that others may be adding to; says how many.
inline std::size_t load_links(const Node* list, Node* links) {
  const auto count = __atomic_load_n(list, __ATOMIC_ACQUIRE);
  for (std::size_t i = 0; i < count; ++i)
    links[i] = __atomic_load_n(list + 1 + i, __ATOMIC_ACQUIRE);
  return count;
}

template <class Distance, std::size_t kBlocks>
Node descend(const GrowingGraph& graph, std::size_t level, const std::byte* code, Node start) {
  Codes<Distance, kBlocks, true> codes{graph.elements, code};
  Reached nearest{codes.distance(start), start};
  Node links[kDegreeMax];
  for (Node at = kNoNode; at != nearest.node;) {
    at = nearest.node;
    const auto count = load_links(graph.list(level, at), links);
    const auto bound = [&] { return nearest.distance; };
    codes.compare(links, count, nullptr, bound, [&](Node element, float distance) {
      if (distance < nearest.distance) nearest = {distance, element};
    });
  }
  return nearest.node;
}

/// Marks what `element` links to and appends to `fresh` what was not marked before; says how many.
inline std::size_t fresh_of(const Node* list, std::uint64_t* visited, Node* fresh) {
  const auto size = __atomic_load_n(list, __ATOMIC_ACQUIRE);
  std::size_t count = 0;
  for (std::size_t i = 1; i <= size; ++i) {
    const auto link = __atomic_load_n(list + i, __ATOMIC_ACQUIRE);
    auto& word = visited[link / 64];
    const auto seen = word >> (link % 64) & 1;
    word |= std::uint64_t{1} << (link % 64);
    fresh[count] = link;
    count += 1 - seen;
  }
  return count;
}

template <class Distance, std::size_t kBlocks>
std::size_t reach(const GrowingGraph& graph, std::size_t level, const std::byte* code, Node start,
                  std::size_t ef, WalkScratch& scratch) {
  Codes<Distance, kBlocks, true> codes{graph.elements, code};
  Reached* beam = scratch.found.data();
  std::uint64_t* visited = scratch.visited.data();
  __builtin_memset(visited, 0, (graph.elements.nodes + 63) / 64 * sizeof(std::uint64_t));
  visited[start / 64] |= std::uint64_t{1} << (start % 64);
  beam[0] = {codes.distance(start), start};
  std::size_t size = 1;
  Node fresh[kTogether * kDegreeMax + 1];
  for (std::size_t next = 0; next < size; next = first_left(beam, size, next)) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kTogether && next < size; ++i) {
      count += fresh_of(graph.list(level, beam[next].node), visited, fresh + count);
      beam[next].node |= kExpanded;
      next = first_left(beam, size, next);
    }
    const auto bound = [&] { return bound_of(beam, size, ef); };
    codes.compare(fresh, count, nullptr, bound, [&](Node element, float distance) {
      const auto place = insert(beam, size, ef, {distance, element});
      if (place == ef) return;
      if (level == 0) fetch_links(graph.elements, element);
      if (place < next) next = place;
    });
  }
  for (std::size_t i = 0; i < size; ++i) beam[i].node &= ~kExpanded;
  return size;
}

template <class Distance, std::size_t kBlocks>
void sort(const GrowingGraph& graph, const std::byte* code, std::span<const Node> elements,
          Reached* sorted) {
  Codes<Distance, kBlocks, true> codes{graph.elements, code};
  std::size_t size = 0;
  codes.compare(
      elements.data(), elements.size(), nullptr, [] { return kNoBound; },
      [&](Node element, float distance) {
        insert(sorted, size, elements.size(), {distance, element});
      });
}

/// Whether a candidate is nearer to one of `chosen` than `distance`. Their number is rounded up to
/// a multiple of four.
template <class Distance, std::size_t kBlocks>
bool crowded(Codes<Distance, kBlocks, true>& codes, const Node* chosen, std::size_t size,
             float distance) {
  for (std::size_t i = 0; i < size; i += kFour) {
    float distances[kFour];
    codes.four(chosen + i, distances);
    for (const float other : distances) {
      if (other < distance) return true;
    }
  }
  return false;
}

template <class Distance, std::size_t kBlocks>
std::size_t choose(const GrowingGraph& graph, std::span<const Reached> sorted, std::size_t most,
                   Node* chosen) {
  const auto* candidates = sorted.data();
  std::size_t size = 0;
  for (std::size_t i = 0; i < sorted.size() && size < most; ++i) {
    const auto [distance, element] = candidates[i];
    Codes<Distance, kBlocks, true> codes{
        graph.elements, graph.elements.codes + element * graph.elements.code_bytes};
    if (sorted.size() >= most && crowded(codes, chosen, size, distance)) continue;
    // Those behind are compared with, too, until they are taken: they hold one that is chosen.
    const auto end = size % kFour == 0 ? size + kFour : size + 1;
    for (std::size_t j = size; j < end; ++j) chosen[j] = element;
    ++size;
  }
  return size;
}

template <class Distance, std::size_t kBlocks>
constexpr InsertionLoops kInsertion{descend<Distance, kBlocks>, reach<Distance, kBlocks>,
                                    sort<Distance, kBlocks>, choose<Distance, kBlocks>};

/// Up to 64 bytes, and the sizes that have walks of their own.
template <class Distance>
InsertionLoops sized_insertion(std::size_t blocks) {
  if (blocks == 1) return kInsertion<Distance, 1>;
  if (blocks == 2) return kInsertion<Distance, 2>;
  if (blocks == 4) return kInsertion<Distance, 4>;
  if (blocks == 6) return kInsertion<Distance, 6>;
  if (blocks == 8) return kInsertion<Distance, 8>;
  if (blocks == 12) return kInsertion<Distance, 12>;
  if (blocks == 16) return kInsertion<Distance, 16>;
  return kInsertion<Distance, 0>;
}

inline InsertionLoops insertion(CodeKind kind, std::size_t blocks) {
  switch (kind) {
    case CodeKind::kFloat32Dot:
      return kInsertion<Float32<Product>, 0>;
    case CodeKind::kFloat32L2:
      return kInsertion<Float32<Square>, 0>;
    case CodeKind::kFloat32L1:
      return kInsertion<Float32<Difference>, 0>;
    case CodeKind::kFloat16Dot:
      return kInsertion<Float16Pair<Product>, 0>;
    case CodeKind::kFloat16L2:
      return kInsertion<Float16Pair<Square>, 0>;
    case CodeKind::kFloat16L1:
      return kInsertion<Float16Pair<Difference>, 0>;
    case CodeKind::kInt8Dot:
      return sized_insertion<Int8DotPair>(blocks);
    case CodeKind::kInt8L2:
      return sized_insertion<Int8L2>(blocks);
    case CodeKind::kInt8L1:
      return kInsertion<Int8L1, 0>;
    case CodeKind::kSigns:
      break;
  }
  return kInsertion<SignsPair, 0>;
}

}  // namespace mosaic::index::MOSAIC_WALK_SET
