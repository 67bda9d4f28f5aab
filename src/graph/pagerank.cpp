#include "graph/pagerank.hpp"

#include <algorithm>
#include <cmath>

#include "graph/compensated_sum.hpp"

namespace mosaic::graph {
namespace {

std::vector<Node> nodes_without_links(const LinkGraph& graph, bool weighted) {
  std::vector<bool> has_links(graph.size(), false);
  for (Node target = 0; target < graph.size(); ++target) {
    const auto sources = graph.sources(target);
    const auto shares = graph.shares(target);
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (!weighted || shares[i] > 0) has_links[sources[i]] = true;
    }
  }
  std::vector<Node> dangling;
  for (Node node = 0; node < graph.size(); ++node) {
    if (!has_links[node]) dangling.push_back(node);
  }
  return dangling;
}

/// The walker's chances to be at each document, round by round.
class Walk {
 public:
  Walk(const LinkGraph& graph, const PageRankOptions& options)
      : graph_(graph),
        options_(options),
        dangling_(nodes_without_links(graph, options.weighted)),
        values_(graph.size(), 1.0 / static_cast<double>(graph.size())),
        next_(graph.size()),
        per_link_(options.weighted ? 0 : graph.size()) {}

  /// One round; returns the sum of what it changed.
  double step() {
    spread_over_links();
    const double jump = jump_to_each();
    CompensatedSum change;
    for (Node target = 0; target < graph_.size(); ++target) {
      next_[target] = jump + options_.damping * arriving_at(target);
      change += std::abs(next_[target] - values_[target]);
    }
    values_.swap(next_);
    return change.value();
  }

  /// Rounding makes the sum drift by some 1e-16 per round; this takes the drift out.
  std::vector<double> take_values() && {
    CompensatedSum sum;
    for (const auto value : values_) sum += value;
    for (auto& value : values_) value /= sum.value();
    return std::move(values_);
  }

 private:
  void spread_over_links() {
    for (Node node = 0; node < per_link_.size(); ++node) {
      const auto links = graph_.out_degree(node);
      per_link_[node] = links == 0 ? 0 : values_[node] / links;
    }
  }

  double jump_to_each() const {
    CompensatedSum dangling;
    for (const auto node : dangling_) dangling += values_[node];
    const double jumping = 1 - options_.damping + options_.damping * dangling.value();
    return jumping / static_cast<double>(graph_.size());
  }

  double arriving_at(Node target) const {
    const auto sources = graph_.sources(target);
    double sum = 0;
    if (!options_.weighted) {
      for (const auto source : sources) sum += per_link_[source];
      return sum;
    }
    const auto shares = graph_.shares(target);
    for (std::size_t i = 0; i < sources.size(); ++i) sum += values_[sources[i]] * shares[i];
    return sum;
  }

  const LinkGraph& graph_;
  const PageRankOptions& options_;
  const std::vector<Node> dangling_;
  std::vector<double> values_;
  std::vector<double> next_;
  std::vector<double> per_link_;  ///< what each link of a node carries; unused when weighted
};

/// The residual falls by about the same factor each round, so its logarithm tells how far it is.
double progress_of(const PageRank& rank, const PageRankOptions& options) {
  const double by_rounds = static_cast<double>(rank.iterations) / options.iterations;
  const double by_residual = std::log(rank.residual) / std::log(options.tolerance);
  return std::min(1.0, std::max(by_rounds, by_residual));
}

}  // namespace

Result<PageRank> pagerank(const LinkGraph& graph, const PageRankOptions& options,
                          const GoOn& go_on) {
  if (const auto checked = validate(options); !checked) return checked.error();
  PageRank rank;
  rank.converged = graph.size() == 0;
  Walk walk(graph, options);
  double progress = 0;
  while (!rank.converged && rank.iterations < options.iterations) {
    if (go_on && !go_on(progress, rank.iterations)) {
      rank.cancelled = true;
      return rank;
    }
    rank.residual = walk.step();
    ++rank.iterations;
    rank.converged = rank.residual <= options.tolerance;
    progress = std::max(progress, progress_of(rank, options));
  }
  rank.values = std::move(walk).take_values();
  return rank;
}

}  // namespace mosaic::graph
