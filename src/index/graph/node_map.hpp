// From rows to nodes: the rows of a graph as bits, with how many come before each word. A filter's
// bitmap meets it word by word. Immutable.
#pragma once

#include <bit>
#include <span>
#include <vector>

#include "index/graph/graph_contents.hpp"

namespace mosaic::index {

/// std::popcount without the call that it is on the plainest CPU.
constexpr std::size_t ones_of(std::uint64_t word) {
  word -= word >> 1 & 0x5555'5555'5555'5555;
  word = (word & 0x3333'3333'3333'3333) + (word >> 2 & 0x3333'3333'3333'3333);
  word = (word + (word >> 4)) & 0x0f0f'0f0f'0f0f'0f0f;
  return static_cast<std::size_t>(word * 0x0101'0101'0101'0101 >> 56);
}

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
      before += static_cast<Node>(ones_of(word.rows));
    }
  }

  /// How many nodes have a row in `filter`.
  std::size_t count(const RowSet& filter) const {
    std::size_t nodes = 0;
    meet(filter, [&](const Word&, std::uint64_t bits) { nodes += ones_of(bits); });
    return nodes;
  }

  /// The nodes with a row in `filter`, rising; count(filter) of them.
  void collect(const RowSet& filter, std::size_t count, std::vector<Node>& nodes) const {
    nodes.resize(count + kTogether);
    Node* to = nodes.data();
    meet(filter, [&](const Word& word, std::uint64_t bits) {
      Node* const end = to + ones_of(bits);
      word.gapless() ? write(bits, word.shift(), to, end) : write_between_gaps(word, bits, to);
      to = end;
    });
    nodes.resize(count);
  }

  std::size_t bytes() const { return words_.size() * sizeof(Word); }

 private:
  /// So many nodes are written at a time, wanted or not: a branch for each would be guessed wrong
  /// too often.
  static constexpr std::size_t kTogether = 8;

  struct Word {
    std::uint64_t rows = 0;
    Node before = 0;

    bool gapless() const {
      const auto run = rows >> std::countr_zero(rows);
      return (run & (run + 1)) == 0;
    }
    /// From the place of a bit to its node, where there is no gap.
    Node shift() const { return before - static_cast<Node>(std::countr_zero(rows)); }
  };

  static void write(std::uint64_t bits, Node shift, Node* to, const Node* end) {
    for (; to < end; to += kTogether) {
      for (std::size_t i = 0; i < kTogether; ++i, bits &= bits - 1)
        to[i] = shift + static_cast<Node>(std::countr_zero(bits));
    }
  }

  static void write_between_gaps(const Word& word, std::uint64_t bits, Node* to) {
    for (; bits != 0; bits &= bits - 1) {
      const auto below = (bits & (~bits + 1)) - 1;
      *to++ = word.before + static_cast<Node>(ones_of(word.rows & below));
    }
  }

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
