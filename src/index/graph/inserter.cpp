#include "index/graph/inserter.hpp"

#include <algorithm>
#include <atomic>

namespace mosaic::index {
namespace {

/// Whoever reads the list meanwhile finds links of before and after, all of which lead somewhere.
void store(Node* list, std::span<const Node> links) {
  for (std::size_t i = 0; i < links.size(); ++i)
    std::atomic_ref(list[1 + i]).store(links[i], std::memory_order_release);
  std::atomic_ref(list[0]).store(static_cast<Node>(links.size()), std::memory_order_release);
}

}  // namespace

/// Memory of a thread, kept between elements.
struct Inserter::Scratch {
  WalkScratch walk;
  std::vector<std::vector<Node>> chosen;  ///< by level
  std::vector<Node> links;
  std::vector<Reached> sorted;
  std::vector<Node> thinned;

  void make_room(Node elements, std::size_t ef, std::size_t degree) {
    walk.visited.resize((std::size_t{elements} + 63) / 64);
    walk.found.resize(ef + 1);
    links.resize(degree + 1);
    sorted.resize(degree + 2);
    thinned.resize(degree + kChosenMore);
  }
};

Inserter::Inserter(const GrowingGraph& graph, CodeKind kind, std::size_t ef,
                   std::span<std::mutex> locks)
    : graph_(graph),
      loops_(insertion_loops(kind, graph.elements.code_bytes / kCodeBlock)),
      ef_(ef),
      locks_(locks) {}

void Inserter::insert(Node element, std::size_t level, Node entry, std::size_t top) {
  thread_local Scratch scratch;
  scratch.make_room(graph_.elements.nodes, ef_, graph_.elements.degree);
  const auto* code = code_of(element);
  for (auto above = top; above > level; --above) entry = loops_.descend(graph_, above, code, entry);
  const auto levels = std::min(level, top) + 1;
  scratch.chosen.resize(levels);
  for (auto at = levels; at-- > 0;) {
    const auto found = loops_.reach(graph_, at, code, entry, ef_, scratch.walk);
    const std::span nearest(scratch.walk.found.data(), found);
    auto& chosen = scratch.chosen[at];
    chosen.resize(graph_.elements.m + kChosenMore);
    chosen.resize(loops_.choose(graph_, nearest, graph_.elements.m, chosen.data()));
    store(graph_.list(at, element), chosen);
    entry = nearest.front().node;
  }
  // From below: who reaches the element in a level can go on from it in all levels below.
  for (std::size_t at = 0; at < levels; ++at) {
    for (const Node other : scratch.chosen[at]) link(at, other, element, scratch);
  }
}

void Inserter::link(std::size_t level, Node from, Node to, Scratch& scratch) {
  const std::lock_guard lock(locks_[from]);
  auto* list = graph_.list(level, from);
  const auto count = list[0];
  if (count < places(level)) {
    std::atomic_ref(list[1 + count]).store(to, std::memory_order_release);
    std::atomic_ref(list[0]).store(count + 1, std::memory_order_release);
    return;
  }
  const std::span links(scratch.links.data(), count + std::size_t{1});
  std::copy_n(list + 1, count, links.begin());
  links.back() = to;
  loops_.sort(graph_, code_of(from), links, scratch.sorted.data());
  const std::span<const Reached> sorted(scratch.sorted.data(), links.size());
  const auto kept = loops_.choose(graph_, sorted, places(level), scratch.thinned.data());
  store(list, std::span(scratch.thinned).first(kept));
}

}  // namespace mosaic::index
