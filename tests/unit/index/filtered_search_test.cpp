// Searches through a graph under filters: matches anywhere, near the query and far from it.
#include "unit/index/clustered_graph.hpp"

namespace mosaic::index {
namespace {

using namespace test;

struct FilteredSearchTest : ::testing::Test {
  const std::uint64_t start = seed();
  Random random{start};
  testing::ScopedTrace trace{__FILE__, __LINE__,
                             testing::Message() << "MOSAIC_TEST_SEED=" << start};
};

TEST_F(FilteredSearchTest, KeepsItsRecallUnderRandomFiltersOfAnySize) {
  const Clustered world(random, Metric::kCosine, Quantization::kInt8);
  for (const double share : {0.0001, 0.001, 0.01, 0.05, 0.1, 0.3, 0.6, 0.9, 1.0}) {
    SCOPED_TRACE(share);
    std::bernoulli_distribution wanted(share);
    RowSet filter;
    for (const auto& [row, vector] : world.vectors) {
      if (wanted(random)) filter.insert(row);
    }
    EXPECT_GE(world.recall(&filter), 0.95);
  }
}

TEST_F(FilteredSearchTest, KeepsItsRecallWhenMatchesAreNearTheQueryOrFarFromIt) {
  for (const auto metric : kMetrics) {
    Clustered world(random, metric, Quantization::kInt8);
    world.queries.resize(1);
    const auto by_distance = world.truth(world.queries[0], nullptr, kNodes);
    for (const double share : {0.001, 0.01, 0.1, 0.5, 0.9}) {
      SCOPED_TRACE(testing::Message() << to_string(metric) << " " << share);
      const auto count = static_cast<std::size_t>(share * kNodes);
      RowSet near;
      RowSet far;
      for (std::size_t i = 0; i < count; ++i) {
        near.insert(by_distance[i]);
        far.insert(by_distance[kNodes - 1 - i]);
      }
      EXPECT_GE(world.recall(&near), 0.9);
      EXPECT_GE(world.recall(&far), 0.9);
    }
  }
}

TEST_F(FilteredSearchTest, WalksForManyMatchesAndScansFew) {
  const Clustered world(random, Metric::kL2, Quantization::kInt8);
  RowSet few;
  for (const auto& [row, vector] : world.vectors) {
    if (random() % 100 == 0) few.insert(row);
  }
  std::map<std::string, int> ways;
  world.recall(nullptr, &ways);
  EXPECT_EQ(ways, (std::map<std::string, int>{{"walk", 20}}));
  ways.clear();
  world.recall(&few, &ways);
  EXPECT_EQ(ways, (std::map<std::string, int>{{"scan_matches", 20}}));
}

/// Searches with the smallest beam that finds enough without a filter. Enough nodes for filtered
/// walks to be worth their while, and no clusters: all that is near is nearly equally near, and
/// easily missed.
struct NarrowBeam {
  static constexpr std::size_t kMany = 20'000;
  static constexpr double kWanted = 0.95;
  static constexpr double kLeast = kWanted - 0.015;  ///< under filters, which are few

  explicit NarrowBeam(Random& random)
      : world(random, Metric::kCosine, Quantization::kInt8, {kMany, 1, 1}) {
    for (const auto& query : world.queries) orders.push_back(world.truth(query, nullptr, kMany));
    while (recall([](auto&) { return RowSet(); }) < kWanted) ++ef;
  }

  /// Under the filter that make_filter(all rows by distance) gives each query; an empty one: none.
  template <class MakeFilter>
  double recall(const MakeFilter& make_filter) {
    std::size_t right = 0, expected = 0;
    ways.clear();
    compared_most = 0;
    for (std::size_t i = 0; i < orders.size(); ++i) {
      const auto filter = make_filter(orders[i]);
      const bool all = filter.empty();
      const auto found = world.search(world.queries[i], all ? nullptr : &filter, kK, false, ef);
      std::set<Row> rows;
      for (const auto row : orders[i]) {
        if (rows.size() < kK && (all || filter.contains(row))) rows.insert(row);
      }
      EXPECT_EQ(found.neighbors.size(), rows.size());
      for (const auto& neighbor : found.neighbors) right += rows.contains(neighbor.row) ? 1 : 0;
      expected += rows.size();
      ++ways[found.plan.way];
      compared_most = std::max<std::size_t>(compared_most, found.plan.compared);
    }
    return static_cast<double>(right) / static_cast<double>(expected);
  }

  Clustered world;
  std::vector<std::vector<Row>> orders;
  std::size_t ef = kK;
  std::map<std::string, int> ways;
  std::size_t compared_most = 0;
};

constexpr double kShares[] = {0.0001, 0.001, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.75, 1};

/// At least one.
std::size_t count_of(double share, std::size_t rows) {
  return std::max<std::size_t>(static_cast<std::size_t>(share * static_cast<double>(rows)), 1);
}

RowSet filter_of(const std::vector<Row>& rows) {
  RowSet filter;
  for (const auto row : rows) filter.insert(row);
  return filter;
}

TEST_F(FilteredSearchTest, KeepsTheRecallOfANarrowBeamUnderRandomFilters) {
  NarrowBeam searches(random);
  constexpr int kFilters = 3;  // for each query
  for (const double share : kShares) {
    double recall = 0;
    for (int i = 0; i < kFilters; ++i) {
      recall += searches.recall([&](auto rows) {
        std::shuffle(rows.begin(), rows.end(), random);
        rows.resize(count_of(share, rows.size()));
        return filter_of(rows);
      });
      if (share >= 0.75) {
        EXPECT_EQ(searches.ways["walk"], 20) << share;
      }
    }
    EXPECT_GE(recall / kFilters, NarrowBeam::kLeast) << share << ", ef " << searches.ef;
  }
}

TEST_F(FilteredSearchTest, KeepsTheRecallOfANarrowBeamWhereMatchesAreNear) {
  NarrowBeam searches(random);
  for (const double share : kShares) {
    const auto recall = searches.recall([&](auto rows) {
      rows.resize(count_of(share, rows.size()));
      return filter_of(rows);
    });
    EXPECT_GE(recall, NarrowBeam::kLeast) << share << ", ef " << searches.ef;
    if (share >= 0.75) {
      EXPECT_EQ(searches.ways["walk"], 20) << share;
    }
  }
}

TEST_F(FilteredSearchTest, GivesUpEarlyWhereMatchesAreFar) {
  NarrowBeam searches(random);
  searches.recall([](auto&) { return RowSet(); });
  const auto unfiltered = searches.compared_most;
  for (const double share : kShares) {
    const auto matches = count_of(share, NarrowBeam::kMany);
    const auto recall = searches.recall([&](auto rows) {
      std::reverse(rows.begin(), rows.end());
      rows.resize(matches);
      return filter_of(rows);
    });
    EXPECT_GE(recall, NarrowBeam::kLeast) << share << ", ef " << searches.ef;
    EXPECT_LE(searches.compared_most, matches + 3 * unfiltered) << share;
  }
}

}  // namespace
}  // namespace mosaic::index
