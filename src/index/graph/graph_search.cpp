#include "index/graph/graph_search.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include <fmt/format.h>

#include "index/graph/rerank.hpp"

namespace mosaic::index {
namespace {

/// Nodes between two looks at the clock.
constexpr std::size_t kNodesPerLook = 8'192;
/// How many stored vectors ahead are fetched, and their ids.
constexpr std::size_t kStoredAhead = 8;
constexpr std::size_t kIdsAhead = 3;
/// Candidates that a scan keeps in order. Keeping many costs more than looking through all
/// distances in the seldom case that these are too few.
std::size_t kept_of_scan(Quantization quantization, std::size_t k, std::size_t matches) {
  const auto few = std::max<std::size_t>(64, 2 * k);
  return quantization == Quantization::kBinary ? std::max(8 * few, matches / 16) : few;
}

Error damaged(const GraphFile& file) {
  return {ErrorCode::kCorruptData,
          fmt::format("the index file of shard {} is damaged", file.parameters().shard.value)};
}

Error too_late() {
  return {ErrorCode::kDeadlineExceeded, "the deadline passed while vectors were compared"};
}

bool passed(Deadline deadline) {
  return deadline.at != TimePoint::max() && deadline.passed(std::chrono::steady_clock::now());
}

WalkScratch& scratch_of_thread() {
  thread_local WalkScratch scratch;
  return scratch;
}

void make_room(WalkScratch& scratch, Node nodes, std::size_t found) {
  const auto words = (static_cast<std::size_t>(nodes) + 63) / 64;
  if (scratch.visited.size() < words) scratch.visited.resize(words);
  if (scratch.found.size() < found + 1) scratch.found.resize(found + 1);
}

/// Those of the scanned nodes that are not farther away than `bound`.
std::span<const Reached> all_within(float bound, std::span<const Node> nodes,
                                    WalkScratch& scratch) {
  make_room(scratch, 0, nodes.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scratch.found[size] = {scratch.distances[i], nodes[i]};
    size += scratch.distances[i] <= bound ? 1 : 0;
  }
  return {scratch.found.data(), size};
}

}  // namespace

Status GraphSearch::run(NearestHeap& nearest, VectorPlan& plan) {
  plan.nodes = graph_.file().nodes();
  plan.codes = to_string(graph_.parameters().codes.quantization);
  matches_ = query_.filter != nullptr ? graph_.node_map().count(*query_.filter) : plan.nodes;
  plan.matches = matches_;
  if (matches_ == 0) {
    plan.way = "scan_matches";
    plan.reason = "no vector of the graph passes the filter";
    return {};
  }
  if (!query_.exact) return walk_or_scan(nearest, plan);
  plan.way = query_.filter != nullptr ? "scan_matches" : "scan";
  plan.reason = "exact was asked for";
  return scan_vectors(nearest, plan);
}

std::span<const Node> GraphSearch::live_matches() const {
  thread_local std::vector<Node> nodes;
  if (query_.filter != nullptr) {
    graph_.node_map().collect(*query_.filter, matches_, nodes);
  } else {
    nodes.resize(graph_.file().nodes());
    std::iota(nodes.begin(), nodes.end(), Node{0});
  }
  if (graph_.live() < graph_.file().nodes())
    std::erase_if(nodes, [&](Node node) { return !graph_.live_at(node, query_.seq); });
  return nodes;
}

Status GraphSearch::scan_vectors(NearestHeap& nearest, VectorPlan& plan) const {
  const auto& file = graph_.file();
  const auto nodes = live_matches();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (i % kNodesPerLook == 0 && passed(query_.deadline)) return too_late();
    if (i + kStoredAhead < nodes.size()) file.prefetch_stored(nodes[i + kStoredAhead]);
    if (!offer(nodes[i], nearest)) return damaged(file);
  }
  plan.compared += nodes.size();
  return {};
}

Status GraphSearch::walk_or_scan(NearestHeap& nearest, VectorPlan& plan) const {
  const auto walkable = graph_.walkable();
  const auto query = graph_.quantizer().encode_query(query_.vector);
  const Selection selection{plan.nodes, matches_, walkable.graph.degree, query_.k,
                            std::max(query_.ef, query_.k)};
  auto beam = first_beam(selection);
  plan.walk_cost = walk_cost(selection, beam);
  plan.scan_cost = scan_cost(selection);
  auto& scratch = scratch_of_thread();
  while (walk_pays(selection, beam)) {
    if (passed(query_.deadline)) return too_late();
    make_room(scratch, walkable.graph.nodes, beam);
    const auto end = walkable.loops.walk(walkable.graph, {query.get(), beam, 0, 0}, scratch);
    if (end.damaged) return damaged(graph_.file());
    plan.compared += end.compared;
    plan.way = "walk";
    const auto found = wanted({scratch.found.data(), end.found});
    // A match that is farther away than the beam reaches may not be the next one.
    if (found.size() >= enough_matches(selection))
      return rerank(found.first(to_rerank(graph_.quantizer(), query.get(), found, query_.k)),
                    nearest, plan);
    beam = wider_beam(selection, beam, found.size());
  }
  const bool gave_up = !plan.way.empty();
  plan.way = gave_up ? "walk_then_scan" : query_.filter != nullptr ? "scan_matches" : "scan";
  plan.reason = gave_up ? "the walk met too few matches"
                        : "a scan costs less than a walk, or little more and finds everything";
  return scan_codes(walkable, query.get(), nearest, plan);
}

std::span<const Reached> GraphSearch::wanted(std::span<Reached> found) const {
  if (query_.filter == nullptr && graph_.live() == graph_.file().nodes()) return found;
  const auto rows = graph_.file().rows();
  const auto end = std::remove_if(found.begin(), found.end(), [&](const Reached& reached) {
    return !graph_.live_at(reached.node, query_.seq) ||
           (query_.filter != nullptr && !query_.filter->contains(rows[reached.node]));
  });
  return found.first(static_cast<std::size_t>(end - found.begin()));
}

Status GraphSearch::scan_codes(const Graph::Walkable& walkable, const std::byte* query,
                               NearestHeap& nearest, VectorPlan& plan) const {
  const auto nodes = live_matches();
  const auto quantization = graph_.parameters().codes.quantization;
  auto& scratch = scratch_of_thread();
  const auto kept = kept_of_scan(quantization, query_.k, nodes.size());
  make_room(scratch, 0, kept);
  if (scratch.distances.size() < nodes.size()) scratch.distances.resize(nodes.size());
  const auto end = scan_nodes(walkable, {query, kept, 0, 0}, nodes, plan);
  if (!end) return end.error();
  const std::span<const Reached> found(scratch.found.data(), *end);
  const auto count = to_rerank(graph_.quantizer(), query, found, query_.k);
  const bool all_kept =
      count < kept || count == nodes.size() || quantization == Quantization::kBinary;
  if (all_kept) return rerank(found.first(count), nearest, plan);
  // More vectors lie as close together as codes can tell apart.
  const float bound = rerank_bound(graph_.quantizer(), query, found, query_.k);
  return rerank(all_within(bound, nodes, scratch), nearest, plan);
}

Result<std::size_t> GraphSearch::scan_nodes(const Graph::Walkable& walkable, WalkTask task,
                                            std::span<const Node> nodes, VectorPlan& plan) const {
  for (; task.scanned < nodes.size(); task.scanned += kNodesPerLook) {
    if (passed(query_.deadline)) return too_late();
    const auto left = nodes.subspan(task.scanned);
    const auto part = left.first(std::min(kNodesPerLook, left.size()));
    const auto end = walkable.loops.scan(walkable.graph, task, part, scratch_of_thread());
    if (end.damaged) return damaged(graph_.file());
    task.found = end.found;
    plan.compared += end.compared;
  }
  return task.found;
}

Status GraphSearch::rerank(std::span<const Reached> found, NearestHeap& nearest,
                           VectorPlan& plan) const {
  const auto& file = graph_.file();
  for (std::size_t i = 0; i < found.size() && i < kStoredAhead; ++i)
    file.prefetch_stored(found[i].node);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i + kStoredAhead < found.size()) file.prefetch_stored(found[i + kStoredAhead].node);
    if (i + kIdsAhead < found.size()) file.prefetch_id(found[i + kIdsAhead].node);
    if (!offer(found[i].node, nearest)) return damaged(file);
  }
  plan.reranked += found.size();
  return {};
}

bool GraphSearch::offer(Node node, NearestHeap& nearest) const {
  const auto stored = graph_.file().stored(node);
  if (!stored) return false;
  const auto key = measure_.key(stored->vector, stored->scale);
  if (key <= nearest.bound()) nearest.offer({key, stored->id, stored->row});
  return true;
}

}  // namespace mosaic::index
