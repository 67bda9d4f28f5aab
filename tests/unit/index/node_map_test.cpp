#include "index/graph/node_map.hpp"

#include <gtest/gtest.h>

#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

TEST(NodeMap, MeetsAFilter) {
  const std::vector<Row> rows{3, 64, 65, 130, 500};  // gaps within words and between them
  const NodeMap map(rows);
  RowSet filter;
  for (const Row row : {0, 3, 4, 65, 500, 9'000}) filter.insert(row);
  EXPECT_EQ(map.count(filter), 3U);
  std::vector<Node> nodes;
  map.collect(filter, 3, nodes);
  EXPECT_EQ(nodes, (std::vector<Node>{0, 2, 4}));
  EXPECT_EQ(map.count(RowSet{}), 0U);
  EXPECT_EQ(NodeMap({}).count(filter), 0U);
}

TEST(NodeMap, CollectsWhatItCounts) {
  test::Random random(test::seed());
  for (const unsigned gaps : {1, 2, 100}) {
    std::vector<Row> rows;
    for (Row row = 5; rows.size() < 1'000; row += 1 + static_cast<Row>(random() % gaps))
      rows.push_back(row);
    RowSet filter;
    std::vector<Node> expected;
    for (Node node = 0; node < rows.size(); ++node) {
      if (random() % 4 != 0) continue;
      filter.insert(rows[node]);
      expected.push_back(node);
    }
    const NodeMap map(rows);
    std::vector<Node> nodes;
    map.collect(filter, map.count(filter), nodes);
    EXPECT_EQ(nodes, expected);
  }
}

}  // namespace
}  // namespace mosaic::index
