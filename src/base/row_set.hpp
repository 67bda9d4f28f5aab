// A set of row numbers as a dense bitmap. Rows of a shard are numbered without large gaps from 1,
// so one bit per row is smaller and faster than a sparse structure. Not thread-safe; share it as
// const.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mosaic {

/// The number of one document version within its shard; never reused.
using Row = std::int64_t;

class RowSet {
 public:
  void insert(Row row) {
    const auto word = static_cast<std::size_t>(row) / 64;
    if (word >= words_.size()) words_.resize(word + 1 + word / 4);
    words_[word] |= bit(row);
  }

  bool contains(Row row) const {
    const auto word = static_cast<std::size_t>(row) / 64;
    return word < words_.size() && (words_[word] & bit(row)) != 0;
  }

  /// Adds every row of [first, last].
  void insert_range(Row first, Row last) {
    for (Row row = first; row <= last;) {
      if (row % 64 == 0 && row + 63 <= last) {
        insert(row);
        words_[static_cast<std::size_t>(row) / 64] = ~std::uint64_t{0};
        row += 64;
      } else {
        insert(row++);
      }
    }
  }

  RowSet& operator&=(const RowSet& other) {
    if (words_.size() > other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }

  RowSet& operator|=(const RowSet& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }

  /// Removes every row of `other`.
  RowSet& operator-=(const RowSet& other) {
    const auto shared = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < shared; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }

  std::size_t count() const {
    std::size_t rows = 0;
    for (const auto word : words_) rows += static_cast<std::size_t>(std::popcount(word));
    return rows;
  }

  bool empty() const {
    for (const auto word : words_) {
      if (word != 0) return false;
    }
    return true;
  }

  /// Calls visit(row) for each row in [first, last] by rising number.
  template <class Visit>
  void for_each_in(Row first, Row last, Visit&& visit) const {
    if (first < 0) first = 0;
    for (auto word = static_cast<std::size_t>(first) / 64;
         word < words_.size() && static_cast<Row>(word * 64) <= last; ++word) {
      for (auto bits = words_[word]; bits != 0; bits &= bits - 1) {
        const auto row = static_cast<Row>(word * 64) + std::countr_zero(bits);
        if (row > last) return;
        if (row >= first) visit(row);
      }
    }
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for_each_in(0, static_cast<Row>(words_.size() * 64), visit);
  }

  /// 64 rows each, from row 0 on; rows past the last word are not in the set.
  std::span<const std::uint64_t> words() const { return words_; }

  std::size_t bytes() const { return words_.capacity() * sizeof(std::uint64_t); }

 private:
  static std::uint64_t bit(Row row) {
    return std::uint64_t{1} << (static_cast<std::size_t>(row) % 64);
  }

  std::vector<std::uint64_t> words_;
};

}  // namespace mosaic
