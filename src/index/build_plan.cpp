#include "index/build_plan.hpp"

#include <algorithm>

namespace mosaic::index {
namespace {

/// What is left for the step after this one is worth it: half of this one at least, and so more
/// than a tail may be.
std::size_t step_rows(std::size_t nodes, std::size_t tail) {
  const auto limit = std::max(nodes, kStepRowsMin);
  return tail <= limit + limit / 2 ? tail : limit;
}

bool as_wanted(const GraphParameters& graph, const IndexSituation& now) {
  return graph.wanted == now.quantization && graph.m == now.settings.m &&
         graph.ef_construction == now.settings.ef_construction;
}

/// A new graph holds at least what the present one holds and is live.
BuildStep anew(const IndexSituation& now) {
  return {BuildStep::What::kBuild, now.nodes_live + step_rows(now.nodes_live, now.tail_live)};
}

std::optional<BuildStep> first_build(const IndexSituation& now) {
  if (now.tail_live < kGraphRowsMin) return std::nullopt;
  return anew(now);
}

double share_of(std::size_t nodes, double share) {
  return static_cast<double>(nodes) * share;
}

}  // namespace

std::optional<BuildStep> next_build(const IndexSituation& now) {
  const bool wanted =
      now.settings.type == IndexType::kHnsw && has_codes(now.metric, now.quantization);
  if (!now.graph) return wanted ? first_build(now) : std::nullopt;
  const std::size_t nodes = now.graph->nodes;
  const auto ended = static_cast<double>(nodes - std::min(nodes, now.nodes_live));
  const bool purge = ended > share_of(nodes, kEndedShareMax);
  const bool few = now.nodes_live + now.tail_live < kGraphRowsMin;
  if (!wanted || (purge && few)) return BuildStep{BuildStep::What::kDrop, 0};
  if (purge || !as_wanted(*now.graph, now)) return anew(now);
  const auto tail = static_cast<double>(now.tail_live);
  if (now.tail_live < kGraphRowsMin || tail < share_of(nodes, kTailShareMax)) return std::nullopt;
  return BuildStep{BuildStep::What::kExtend, nodes + step_rows(nodes, now.tail_live)};
}

}  // namespace mosaic::index
