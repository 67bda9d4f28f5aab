#include "index_filters.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>

#include "index_contest.hpp"

namespace mosaic::bench {
namespace {

constexpr double kShares[] = {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.5, 1};

enum class Kind { kRandom, kNear, kFar };
constexpr std::pair<Kind, const char*> kKinds[] = {
    {Kind::kRandom, "random"}, {Kind::kNear, "near"}, {Kind::kFar, "far"}};

/// Rows in the order in which a filter takes them in as it grows.
std::vector<std::uint32_t> order_of(const VectorData& data, Kind kind, std::size_t query) {
  std::vector<std::uint32_t> order(data.size());
  std::iota(order.begin(), order.end(), 0U);
  if (kind == Kind::kRandom) {
    std::shuffle(order.begin(), order.end(), std::mt19937_64(query));
    return order;
  }
  const index::Measure measure(data.metric, {data.query(query), data.dimension});
  std::vector<double> keys(data.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto scale = index::Measure::scale_of(data.metric, {data.row(i), data.dimension});
    keys[i] = measure.key(data.row(i), scale);
  }
  std::ranges::sort(order, {}, [&keys, kind](std::uint32_t row) {
    return kind == Kind::kNear ? keys[row] : -keys[row];
  });
  return order;
}

RowSet first_of(const std::vector<std::uint32_t>& order, double share) {
  const auto count = static_cast<std::size_t>(share * static_cast<double>(order.size()));
  RowSet rows;
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) rows.insert(order[i] + 1);
  return rows;
}

/// Filters of one kind and share, one for each of the first queries.
class Filtered {
 public:
  Filtered(const VectorData& data, const index::VectorView& view, std::size_t ef,
           std::vector<RowSet> filters)
      : data_(data), view_(view), ef_(ef), filters_(std::move(filters)) {}

  /// What is right, and what finding it by comparing every match costs.
  void exactly() {
    right_.clear();
    exact_us.push_back(run(true, true, right_));
  }

  /// All queries without a filter and with it, the other way round in every other round: never one
  /// query several times in a row, which would find its vectors in the cache, and neither always
  /// after the other.
  void round() {
    std::vector<index::Nearest> got, unfiltered;
    const bool filtered_first = us.size() % 2 == 1;
    if (filtered_first) us.push_back(run(true, false, got));
    unfiltered_us.push_back(run(false, false, unfiltered));
    if (!filtered_first) us.push_back(run(true, false, got));
    for (std::size_t i = 0; i < got.size(); ++i) count(right_[i].neighbors, got[i]);
  }

  std::vector<double> us, unfiltered_us, exact_us;  ///< per query, by round
  std::size_t found = 0;
  std::size_t expected = 0;
  std::map<std::string, int> ways;

 private:
  void count(const std::vector<index::Neighbor>& right, const index::Nearest& got) {
    expected += right.size();
    for (const auto& neighbor : got.neighbors)
      found += neighbor.distance <= right.back().distance ? 1 : 0;
    ++ways[got.plan.way];
  }

  double run(bool filtered, bool exact, std::vector<index::Nearest>& answers) const {
    const double begin = thread_cpu_us();
    for (std::size_t i = 0; i < filters_.size(); ++i) {
      auto nearest = view_.nearest({{data_.query(i), data_.dimension},
                                    kNearest,
                                    filtered ? &filters_[i] : nullptr,
                                    ef_,
                                    exact,
                                    {}});
      if (!nearest) throw std::runtime_error(nearest.error().detail);
      answers.push_back(std::move(*nearest));
    }
    return (thread_cpu_us() - begin) / static_cast<double>(filters_.size());
  }

  const VectorData& data_;
  const index::VectorView& view_;
  std::size_t ef_;
  std::vector<RowSet> filters_;
  std::vector<index::Nearest> right_;
};

FilterCost summary(const Filtered& filtered, const char* kind, double share) {
  const auto way = std::ranges::max_element(filtered.ways, {},
                                            [](const auto& counted) { return counted.second; });
  return {kind,
          share,
          static_cast<double>(filtered.found) / static_cast<double>(filtered.expected),
          median(filtered.us),
          median(filtered.unfiltered_us),
          median(filtered.exact_us),
          way->first};
}

}  // namespace

std::vector<FilterCost> measure_filters(const VectorData& data, const index::VectorView& view,
                                        std::size_t ef, std::size_t queries, int rounds) {
  std::vector<FilterCost> costs;
  for (const auto& [kind, name] : kKinds) {
    std::vector<std::vector<RowSet>> filters(std::size(kShares));
    for (std::size_t query = 0; query < std::min(queries, data.query_count()); ++query) {
      const auto order = order_of(data, kind, query);
      for (std::size_t i = 0; i < filters.size(); ++i) {
        filters[i].push_back(first_of(order, kShares[i]));
      }
    }
    for (std::size_t i = 0; i < filters.size(); ++i) {
      Filtered filtered(data, view, ef, std::move(filters[i]));
      for (int round = 0; round < rounds; ++round) filtered.exactly();
      for (int round = 0; round < rounds; ++round) filtered.round();
      costs.push_back(summary(filtered, name, kShares[i]));
    }
  }
  return costs;
}

}  // namespace mosaic::bench
