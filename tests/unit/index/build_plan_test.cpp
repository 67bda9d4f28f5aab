#include "index/build_plan.hpp"

#include <gtest/gtest.h>

namespace mosaic::index {
namespace {

using What = BuildStep::What;

IndexSituation without_graph(std::size_t tail) {
  IndexSituation now;
  now.tail_live = tail;
  return now;
}

IndexSituation with_graph(Node nodes, std::size_t live, std::size_t tail) {
  auto now = without_graph(tail);
  now.graph.emplace();
  now.graph->nodes = nodes;
  now.graph->wanted = now.quantization;
  now.nodes_live = live;
  return now;
}

TEST(BuildPlan, LeavesFewVectorsToTheScan) {
  EXPECT_EQ(next_build(without_graph(0)), std::nullopt);
  EXPECT_EQ(next_build(without_graph(kGraphRowsMin - 1)), std::nullopt);
  EXPECT_EQ(next_build(without_graph(kGraphRowsMin)), (BuildStep{What::kBuild, kGraphRowsMin}));
}

TEST(BuildPlan, BuildsInStepsUntilNoTailIsLeft) {
  for (const std::size_t total : {5'000U, 74'999U, 75'001U, 300'000U, 950'000U, 1'000'000U}) {
    auto now = without_graph(total);
    int steps = 0;
    for (auto step = next_build(now); step; step = next_build(now)) {
      ASSERT_LE(++steps, 10);
      const auto nodes = now.graph ? std::size_t{now.graph->nodes} : 0;
      EXPECT_EQ(step->what, now.graph ? What::kExtend : What::kBuild);
      EXPECT_GT(step->rows, nodes);
      EXPECT_LE(step->rows - nodes, std::max(nodes, kStepRowsMin) * 3 / 2);
      now = with_graph(static_cast<Node>(step->rows), step->rows, total - step->rows);
    }
    EXPECT_EQ(now.tail_live, 0U) << total;
  }
}

TEST(BuildPlan, FoldsATailInOnceItIsLargeForItsGraph) {
  const std::size_t share = 100'000 * kTailShareMax;
  EXPECT_EQ(next_build(with_graph(100'000, 100'000, share - 1)), std::nullopt);
  EXPECT_EQ(next_build(with_graph(100'000, 100'000, share)),
            (BuildStep{What::kExtend, 100'000 + share}));
  EXPECT_EQ(next_build(with_graph(6'000, 6'000, kGraphRowsMin - 1)), std::nullopt);
  EXPECT_EQ(next_build(with_graph(6'000, 6'000, kGraphRowsMin)),
            (BuildStep{What::kExtend, 6'000 + kGraphRowsMin}));
}

TEST(BuildPlan, KeepsEndedNodesWhenItExtends) {
  EXPECT_EQ(next_build(with_graph(20'000, 17'000, 6'000)), (BuildStep{What::kExtend, 26'000}));
}

TEST(BuildPlan, BuildsAnewWithoutEndedNodesPastTheirShare) {
  const std::size_t live = 20'000 - 20'000 * kEndedShareMax;
  EXPECT_EQ(next_build(with_graph(20'000, live, 0)), std::nullopt);
  EXPECT_EQ(next_build(with_graph(20'000, live - 1, 10)), (BuildStep{What::kBuild, live + 9}));
}

TEST(BuildPlan, DropsAGraphOfWhichTooLittleIsLeft) {
  EXPECT_EQ(next_build(with_graph(20'000, kGraphRowsMin - 10, 9)), (BuildStep{What::kDrop, 0}));
  EXPECT_EQ(next_build(with_graph(20'000, 0, 0)), (BuildStep{What::kDrop, 0}));
  EXPECT_EQ(next_build(with_graph(20'000, kGraphRowsMin - 10, 10)),
            (BuildStep{What::kBuild, kGraphRowsMin}));
}

TEST(BuildPlan, BuildsAnewForOtherSettingsAndLosesNoNode) {
  auto now = with_graph(200'000, 199'000, 1'000);
  now.settings.m = 32;
  EXPECT_EQ(next_build(now), (BuildStep{What::kBuild, 200'000}));
  now.settings.m = 16;
  now.settings.ef_construction = 100;
  EXPECT_EQ(next_build(now), (BuildStep{What::kBuild, 200'000}));
  now.settings.ef_construction = 200;
  now.quantization = Quantization::kFloat16;
  EXPECT_EQ(next_build(now), (BuildStep{What::kBuild, 200'000}));
  now.quantization = Quantization::kInt8;
  EXPECT_EQ(next_build(now), std::nullopt);
}

TEST(BuildPlan, IsContentWithWiderCodesThanWereAskedFor) {
  auto now = with_graph(20'000, 20'000, 0);
  now.graph->codes.quantization = Quantization::kNone;
  EXPECT_EQ(next_build(now), std::nullopt);
  now.quantization = Quantization::kNone;
  EXPECT_EQ(next_build(now), (BuildStep{What::kBuild, 20'000}));
}

TEST(BuildPlan, HasNoGraphForFlatCollections) {
  auto now = without_graph(1'000'000);
  now.settings.type = IndexType::kFlat;
  EXPECT_EQ(next_build(now), std::nullopt);
  now = with_graph(20'000, 20'000, 0);
  now.settings.type = IndexType::kFlat;
  EXPECT_EQ(next_build(now), (BuildStep{What::kDrop, 0}));
}

TEST(BuildPlan, HasNoGraphWhereCodesSayTooLittle) {
  auto now = without_graph(1'000'000);
  now.quantization = Quantization::kBinary;
  now.metric = Metric::kL2;
  EXPECT_EQ(next_build(now), std::nullopt);
  now.metric = Metric::kCosine;
  EXPECT_TRUE(next_build(now));
  now = with_graph(20'000, 20'000, 0);
  now.quantization = Quantization::kBinary;
  now.metric = Metric::kDot;
  EXPECT_EQ(next_build(now), (BuildStep{What::kDrop, 0}));
}

}  // namespace
}  // namespace mosaic::index
