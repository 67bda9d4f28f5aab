// The hot loops of a build: they find what is nearest to a new element and choose whom it links to
// (Malkov, Yashunin: TPAMI 2018, algorithms 2 and 4). One set per instruction set, as walk.hpp.
#pragma once

#include "index/graph/walk.hpp"

namespace mosaic::index {

/// A graph while it grows, in the arrays of hnswlib. A list of links is how many there are, then
/// the links. Lists are read while other threads add to them: each number is stored and loaded as
/// an atomic, and every link that ever was in a list leads to an element that is there.
struct GrowingGraph {
  /// Codes by element; in the place of links the lists of level 0.
  WalkGraph elements;
  /// By element: its lists from level 1 on, `upper_bytes` each.
  char* const* upper = nullptr;
  std::size_t upper_bytes = 0;

  Node* list(std::size_t level, Node element) const {
    const auto* bytes =
        level == 0 ? elements.links + element * elements.link_stride
                   : reinterpret_cast<const std::byte*>(upper[element]) + (level - 1) * upper_bytes;
    return reinterpret_cast<Node*>(const_cast<std::byte*>(bytes));
  }
};

struct InsertionLoops {
  /// Greedily to what is nearest in `level`.
  Node (*descend)(const GrowingGraph&, std::size_t level, const std::byte* code, Node start);
  /// Fills scratch.found, which has room for them, with the nearest `ef` that are reached from
  /// `start`; says how many.
  std::size_t (*reach)(const GrowingGraph&, std::size_t level, const std::byte* code, Node start,
                       std::size_t ef, WalkScratch& scratch);
  /// Writes `elements` by rising distance.
  void (*sort)(const GrowingGraph&, const std::byte* code, std::span<const Node> elements,
               Reached* sorted);
  /// Of `sorted` up to `most`: each nearer to the code than to any that was chosen before it.
  /// `chosen` has room for kChosenMore more. Says how many.
  std::size_t (*choose)(const GrowingGraph&, std::span<const Reached> sorted, std::size_t most,
                        Node* chosen);
};
constexpr std::size_t kChosenMore = 3;

/// For codes of this kind and size on this CPU.
InsertionLoops insertion_loops(CodeKind kind, std::size_t blocks);

#if defined(__x86_64__)
InsertionLoops insertion_loops_avx2(CodeKind kind, std::size_t blocks);
InsertionLoops insertion_loops_avx512(CodeKind kind, std::size_t blocks);
#endif

}  // namespace mosaic::index
