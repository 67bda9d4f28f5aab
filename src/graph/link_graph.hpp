// The links between the documents of a collection, packed so that every round of a walk reads them
// in order: for each document those that link to it (compressed sparse rows). Documents are numbers
// by rising id, so the same documents and links give the same bytes in whatever order they came.
// A graph never changes once built, and any thread may read it; a builder belongs to one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mosaic::graph {

/// The position of a document in LinkGraph::ids().
using Node = std::uint32_t;

/// Larger weights count as this one, so that sums over the links of a document stay finite.
constexpr double kLinkWeightMax = 1e300;

class LinkGraph {
 public:
  std::size_t size() const { return ids_.size(); }
  /// Distinct pairs of documents (source, target); a document may link to itself.
  std::size_t links() const { return sources_.size(); }

  const std::vector<std::string>& ids() const { return ids_; }
  std::vector<std::string> take_ids() && { return std::move(ids_); }

  /// The documents that link to `target`, by rising number.
  std::span<const Node> sources(Node target) const {
    return std::span(sources_).subspan(first_[target], first_[target + 1] - first_[target]);
  }
  /// For each of sources(target) the part of its links' weight that goes to `target`: 0 to 1,
  /// adding up to 1 over the links of a source, or all 0 where none of them has a weight above 0.
  std::span<const double> shares(Node target) const {
    return std::span(shares_).subspan(first_[target], first_[target + 1] - first_[target]);
  }
  /// How many documents `source` links to.
  std::uint32_t out_degree(Node source) const { return out_degrees_[source]; }

 private:
  friend class LinkGraphBuilder;

  std::vector<std::string> ids_;
  std::vector<std::size_t> first_ = {0};  ///< where the links to a node begin, and one end
  std::vector<Node> sources_;
  std::vector<double> shares_;
  std::vector<std::uint32_t> out_degrees_;
};

class LinkGraphBuilder {
 public:
  /// Naming a document twice changes nothing.
  void add_document(std::string_view id) { is_document_[number_of(id)] = true; }

  /// Links between the same two documents count as one, whose weight is the sum of theirs. A weight
  /// that is not above 0 adds nothing to that sum, so it never takes from another link; a link of
  /// weight 0 still counts where weights do not. A link is left out of the graph unless source and
  /// target are documents by the time of build().
  void add_link(std::string_view source, std::string_view target, double weight);

  LinkGraph build() &&;

 private:
  struct Link {
    Node source;
    Node target;
    double weight;
  };

  Node number_of(std::string_view id);
  std::vector<std::string> number_documents();
  void pack_links(LinkGraph& graph);

  std::deque<std::string> names_;  ///< in order of arrival; a deque moves none of them
  std::unordered_map<std::string_view, Node> numbers_;
  std::vector<bool> is_document_;
  std::vector<Link> links_;
};

}  // namespace mosaic::graph
