// All pieces that begin at a place of a text, in one walk: a trie over bytes whose nodes stand
// level by level, so that the children of a node are neighbours. Immutable once made: any number of
// threads may share one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace mosaic::text {

class PieceTrie {
 public:
  PieceTrie() = default;
  /// Pieces and their values, in any order, without an equal pair; an empty piece never matches.
  explicit PieceTrie(std::vector<std::pair<std::string_view, std::uint32_t>> pieces);

  bool empty() const { return nodes_.empty(); }
  /// Whether some piece begins with this byte.
  bool starts(char byte) const { return root_[static_cast<unsigned char>(byte)] != kNone; }

  /// Calls visit(bytes, value) for each piece that `text` begins with, the shortest first.
  template <class Visit>
  void for_each_prefix(std::string_view text, Visit&& visit) const {
    if (text.empty()) return;
    auto node = root_[static_cast<unsigned char>(text[0])];
    for (std::size_t size = 1; node != kNone; ++size) {
      if (nodes_[node].value != kNone) visit(size, nodes_[node].value);
      if (size == text.size()) return;
      node = child(nodes_[node], static_cast<std::uint8_t>(text[size]));
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  struct Node {
    std::uint32_t first_child = 0;
    std::uint32_t value = kNone;
    std::uint16_t children = 0;
  };

  std::uint32_t child(const Node& node, std::uint8_t label) const {
    const auto* begin = labels_.data() + node.first_child;
    const auto* end = begin + node.children;
    const auto* found =
        node.children < 8 ? std::find(begin, end, label) : std::lower_bound(begin, end, label);
    if (found == end || *found != label) return kNone;
    return node.first_child + static_cast<std::uint32_t>(found - begin);
  }

  std::array<std::uint32_t, 256> root_ = filled_with_none();
  std::vector<Node> nodes_;
  std::vector<std::uint8_t> labels_;  // of each node, the byte that leads to it

  static constexpr std::array<std::uint32_t, 256> filled_with_none() {
    std::array<std::uint32_t, 256> all{};
    all.fill(kNone);
    return all;
  }
};

}  // namespace mosaic::text
