// The k nearest candidates of one search, by (key, id). Owned by the search, one thread. Holds
// views of ids, which what is searched keeps alive; strings are copied for the final k alone.
#pragma once

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "base/row_set.hpp"

namespace mosaic::index {

struct Candidate {
  double key;
  std::string_view id;
  Row row;

  friend bool operator<(const Candidate& a, const Candidate& b) {
    return a.key != b.key ? a.key < b.key : a.id < b.id;
  }
};

class NearestHeap {
 public:
  /// Keeps `capacity` candidates, at least 1.
  explicit NearestHeap(std::size_t capacity) : capacity_(capacity) {
    candidates_.reserve(capacity);
  }

  /// No candidate with a key beyond this one enters any more.
  double bound() const { return bound_; }

  void offer(const Candidate& candidate) {
    if (candidates_.size() == capacity_) {
      if (!(candidate < candidates_.front())) return;
      std::pop_heap(candidates_.begin(), candidates_.end());
      candidates_.pop_back();
    }
    candidates_.push_back(candidate);
    std::push_heap(candidates_.begin(), candidates_.end());
    if (candidates_.size() == capacity_) bound_ = candidates_.front().key;
  }

  /// The nearest first; the heap is used up.
  std::vector<Candidate> take() {
    std::sort_heap(candidates_.begin(), candidates_.end());
    return std::move(candidates_);
  }

 private:
  std::size_t capacity_;
  double bound_ = std::numeric_limits<double>::infinity();
  std::vector<Candidate> candidates_;
};

}  // namespace mosaic::index
