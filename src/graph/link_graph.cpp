#include "graph/link_graph.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace mosaic::graph {
namespace {

constexpr Node kNoDocument = std::numeric_limits<Node>::max();

}  // namespace

Node LinkGraphBuilder::number_of(std::string_view id) {
  if (const auto known = numbers_.find(id); known != numbers_.end()) return known->second;
  const auto number = static_cast<Node>(names_.size());
  numbers_.emplace(names_.emplace_back(id), number);
  is_document_.push_back(false);
  return number;
}

void LinkGraphBuilder::add_link(std::string_view source, std::string_view target, double weight) {
  const double counted = weight > 0 ? std::min(weight, kLinkWeightMax) : 0;
  links_.push_back({number_of(source), number_of(target), counted});
}

/// Turns the ends of the links from numbers by arrival into numbers by rising id, and drops links
/// that do not join two documents. Returns the ids.
std::vector<std::string> LinkGraphBuilder::number_documents() {
  numbers_ = {};
  std::vector<Node> arrivals;
  for (Node number = 0; number < names_.size(); ++number) {
    if (is_document_[number]) arrivals.push_back(number);
  }
  std::sort(arrivals.begin(), arrivals.end(),
            [&](Node a, Node b) { return names_[a] < names_[b]; });
  std::vector<std::string> ids;
  std::vector<Node> place(names_.size(), kNoDocument);
  ids.reserve(arrivals.size());
  for (const auto arrival : arrivals) {
    place[arrival] = static_cast<Node>(ids.size());
    ids.push_back(std::move(names_[arrival]));
  }
  names_.clear();
  for (auto& link : links_) link = {place[link.source], place[link.target], link.weight};
  std::erase_if(links_, [](const Link& link) {
    return link.source == kNoDocument || link.target == kNoDocument;
  });
  return ids;
}

void LinkGraphBuilder::pack_links(LinkGraph& graph) {
  // The weight takes part so that sums come out the same whatever order the links arrived in.
  std::sort(links_.begin(), links_.end(), [](const Link& a, const Link& b) {
    return std::tie(a.target, a.source, a.weight) < std::tie(b.target, b.source, b.weight);
  });
  graph.first_.assign(graph.size() + 1, 0);
  graph.out_degrees_.assign(graph.size(), 0);
  std::vector<double> weights_out(graph.size(), 0);
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const auto& link = links_[i];
    weights_out[link.source] += link.weight;
    if (i > 0 && links_[i - 1].target == link.target && links_[i - 1].source == link.source) {
      graph.shares_.back() += link.weight;
      continue;
    }
    graph.sources_.push_back(link.source);
    graph.shares_.push_back(link.weight);
    ++graph.out_degrees_[link.source];
    ++graph.first_[link.target + 1];
  }
  for (std::size_t node = 0; node < graph.size(); ++node)
    graph.first_[node + 1] += graph.first_[node];
  for (std::size_t i = 0; i < graph.links(); ++i) {
    const double all = weights_out[graph.sources_[i]];
    if (all > 0) graph.shares_[i] /= all;
  }
}

LinkGraph LinkGraphBuilder::build() && {
  LinkGraph graph;
  graph.ids_ = number_documents();
  pack_links(graph);
  links_ = {};
  return graph;
}

}  // namespace mosaic::graph
