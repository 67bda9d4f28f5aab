// From rows to nodes: the rows of a graph as bits, with how many come before each word. A filter's
// bitmap meets it word by word. Immutable.
#pragma once

#include <bit>
#include <span>
#include <vector>

#include "index/graph/graph_contents.hpp"

namespace mosaic::index {

class NodeMap {
 public:
  /// `rows` rise; node i is that of rows[i].
  explicit NodeMap(std::span<const Row> rows) {
    if (rows.empty()) return;
    first_word_ = static_cast<std::size_t>(rows.front()) / 64;
    words_.resize(static_cast<std::size_t>(rows.back()) / 64 - first_word_ + 1);
    for (const auto row : rows) {
      auto& word = words_[static_cast<std::size_t>(row) / 64 - first_word_];
      word.rows |= std::uint64_t{1} << (static_cast<std::size_t>(row) % 64);
    }
    Node before = 0;
    for (auto& word : words_) {
      word.before = before;
      before += static_cast<Node>(std::popcount(word.rows));
    }
  }

  /// How many nodes have a row in `filter`.
  std::size_t count(const RowSet& filter) const {
    std::size_t nodes = 0;
    meet(filter, [&](const Word&, std::uint64_t bits) {
      nodes += static_cast<std::size_t>(std::popcount(bits));
    });
    return nodes;
  }

  /// Calls visit(node), rising, for each node with a row in `filter`.
  template <class Visit>
  void for_each(const RowSet& filter, Visit&& visit) const {
    meet(filter, [&](const Word& word, std::uint64_t bits) {
      for (; bits != 0; bits &= bits - 1) {
        const auto below = (bits & (~bits + 1)) - 1;
        visit(word.before + static_cast<Node>(std::popcount(word.rows & below)));
      }
    });
  }

  std::size_t bytes() const { return words_.size() * sizeof(Word); }

 private:
  struct Word {
    std::uint64_t rows = 0;
    Node before = 0;
  };

  template <class Visit>
  void meet(const RowSet& filter, Visit&& visit) const {
    const auto wanted = filter.words();
    for (std::size_t i = 0; i < words_.size() && first_word_ + i < wanted.size(); ++i) {
      const auto bits = words_[i].rows & wanted[first_word_ + i];
      if (bits != 0) visit(words_[i], bits);
    }
  }

  std::size_t first_word_ = 0;
  std::vector<Word> words_;
};

}  // namespace mosaic::index
