// A closed load of searches: so many are under way all the time, each answer brings the next
// request. Works on whatever searches asynchronously, an Engine as well as a Client.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "mosaic/engine.hpp"

namespace mosaic::bench {

using AsyncSearch = std::function<void(SearchRequest, Done<SearchReply>)>;

struct SearchLoad {
  SearchRequest request;
  std::size_t in_flight = 1;
  std::chrono::milliseconds time{1'000};
};

struct SearchFigures {
  double per_s = 0;
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  std::size_t errors = 0;
};

/// Keeps `load` up for its time and waits for the last answers.
SearchFigures measure(const AsyncSearch& search, const SearchLoad& load);

}  // namespace mosaic::bench
