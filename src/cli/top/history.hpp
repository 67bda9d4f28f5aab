// The last intervals of a node, for the lines that show where it comes from. Pure.
#pragma once

#include <vector>

#include "cli/top/figures.hpp"

namespace mosaic::cli::top {

constexpr std::size_t kHistoryMax = 60;  ///< intervals

class History {
 public:
  void add(const Figures& figures) {
    push(requests_per_s_, figures.requests.per_s);
    push(p99_s_, figures.requests.latency.p99_s);
  }

  /// An interval in which the node did not answer.
  void add_gap() {
    push(requests_per_s_, std::nullopt);
    push(p99_s_, std::nullopt);
  }

  const std::vector<Number>& requests_per_s() const { return requests_per_s_; }
  const std::vector<Number>& p99_s() const { return p99_s_; }

 private:
  static void push(std::vector<Number>& values, Number value) {
    if (values.size() == kHistoryMax) values.erase(values.begin());
    values.push_back(value);
  }

  std::vector<Number> requests_per_s_;
  std::vector<Number> p99_s_;
};

}  // namespace mosaic::cli::top
