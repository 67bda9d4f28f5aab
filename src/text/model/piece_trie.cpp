#include "text/model/piece_trie.hpp"

#include <deque>

namespace mosaic::text {
namespace {

/// The sorted pieces that have their first `depth` bytes in common, and the node for these.
struct Group {
  std::size_t begin;
  std::size_t end;
  std::size_t depth;
  std::uint32_t node;  // the root has none
};

}  // namespace

PieceTrie::PieceTrie(std::vector<std::pair<std::string_view, std::uint32_t>> pieces) {
  std::sort(pieces.begin(), pieces.end());
  std::deque<Group> groups{{0, pieces.size(), 0, kNone}};
  for (; !groups.empty(); groups.pop_front()) {
    auto [begin, end, depth, node] = groups.front();
    if (begin < end && pieces[begin].first.size() == depth) {
      if (node != kNone) nodes_[node].value = pieces[begin].second;
      ++begin;
    }
    if (node != kNone) nodes_[node].first_child = static_cast<std::uint32_t>(nodes_.size());
    while (begin < end) {
      const char label = pieces[begin].first[depth];
      auto next = begin;
      while (next < end && pieces[next].first[depth] == label) ++next;
      const auto made = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
      labels_.push_back(static_cast<std::uint8_t>(label));
      if (node == kNone) {
        root_[static_cast<unsigned char>(label)] = made;
      } else {
        ++nodes_[node].children;
      }
      groups.push_back({begin, next, depth + 1, made});
      begin = next;
    }
  }
}

}  // namespace mosaic::text
