// PageRank by power iteration (Page, Brin, Motwani, Winograd, "The PageRank Citation Ranking",
// 1999). Pure: one thread, no clock. Sums run in the graph's own order, so the same graph and
// options give the same bytes on every run.
#pragma once

#include <functional>

#include "graph/link_graph.hpp"
#include "mosaic/job.hpp"

namespace mosaic::graph {

struct PageRank {
  std::vector<double> values;    ///< of LinkGraph::ids(); they add up to 1. Empty when cancelled
  std::uint32_t iterations = 0;  ///< rounds done
  double residual = 0;           ///< sum over all documents of what the last round changed
  bool converged = false;        ///< the residual came down to the tolerance
  bool cancelled = false;        ///< go_on said no
};

/// Called before each round with 0 to 1, never falling, and the rounds done; false cancels.
using GoOn = std::function<bool(double progress, std::uint32_t iteration)>;

/// Starts from equal values and ends as soon as a round changes no more than the tolerance, or
/// after options.iterations rounds. What documents without links hold is spread evenly over all
/// documents; with options.weighted a document whose links all weigh 0 has none. A result whose
/// residual is r is within r * damping / (1 - damping) of the limit, as a sum over all documents.
/// Of a graph without documents the values are empty and converged. Error invalid_argument for
/// options that validate(PageRankOptions) refuses.
Result<PageRank> pagerank(const LinkGraph& graph, const PageRankOptions& options,
                          const GoOn& go_on);

}  // namespace mosaic::graph
