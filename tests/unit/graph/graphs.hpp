// Graphs for tests, spelled as lists of documents and links.
#pragma once

#include <gtest/gtest.h>

#include "graph/pagerank.hpp"

namespace mosaic::graph {

struct TestLink {
  std::string source;
  std::string target;
  double weight = 1;
};

inline LinkGraph make_graph(const std::vector<std::string>& ids,
                            const std::vector<TestLink>& links) {
  LinkGraphBuilder builder;
  for (const auto& id : ids) builder.add_document(id);
  for (const auto& link : links) builder.add_link(link.source, link.target, link.weight);
  return std::move(builder).build();
}

inline std::vector<Node> sources(const LinkGraph& graph, Node target) {
  const auto nodes = graph.sources(target);
  return {nodes.begin(), nodes.end()};
}

inline std::vector<double> shares(const LinkGraph& graph, Node target) {
  const auto parts = graph.shares(target);
  return {parts.begin(), parts.end()};
}

inline PageRank rank_of(const LinkGraph& graph, const PageRankOptions& options = {}) {
  return pagerank(graph, options, nullptr).value();
}

inline double sum_of(const std::vector<double>& values) {
  long double sum = 0;
  for (const auto value : values) sum += value;
  return static_cast<double>(sum);
}

}  // namespace mosaic::graph
