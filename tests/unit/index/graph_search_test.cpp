// Walks and scans over real graphs, against brute force in double precision.
#include "unit/index/clustered_graph.hpp"

namespace mosaic::index {
namespace {

using namespace test;

struct GraphSearchTest : ::testing::Test {
  const std::uint64_t start = seed();
  Random random{start};
  testing::ScopedTrace trace{__FILE__, __LINE__,
                             testing::Message() << "MOSAIC_TEST_SEED=" << start};
};

double least_recall(Quantization quantization) {
  return quantization == Quantization::kBinary ? 0.85 : 0.95;
}

TEST_F(GraphSearchTest, FindsTheNearestUnderEveryMetricAndQuantization) {
  for (const auto metric : kMetrics) {
    for (const auto quantization : {Quantization::kNone, Quantization::kFloat16,
                                    Quantization::kInt8, Quantization::kBinary}) {
      if (!has_codes(metric, quantization)) continue;
      SCOPED_TRACE(testing::Message() << to_string(metric) << " " << to_string(quantization));
      const Clustered world(random, metric, quantization);
      EXPECT_GE(world.recall(nullptr), least_recall(quantization));
      EXPECT_TRUE(world.graph->load_hot(std::atomic<bool>{false}));
      EXPECT_TRUE(world.graph->hot());
      EXPECT_GE(world.recall(nullptr), least_recall(quantization));
    }
  }
}

/// Neither a cosine nor the order of products changes with the size of the query.
TEST_F(GraphSearchTest, QueriesOfAnySizeFindTheSame) {
  for (const auto metric : {Metric::kCosine, Metric::kDot}) {
    for (const auto quantization : {Quantization::kNone, Quantization::kFloat16}) {
      const Clustered world(random, metric, quantization);
      for (const float size : {1e-44F, 1e-40F, 1e-30F, 1e30F, 1e38F}) {
        auto query = world.queries.front();
        bring_near_one(query);
        for (auto& x : query) x *= size;
        const auto right = world.truth(query, nullptr, kK);
        std::size_t found = 0;
        for (const auto& neighbor : world.search(query, nullptr).neighbors)
          found += std::count(right.begin(), right.end(), neighbor.row);
        // Below 1e-38 a float32 has few digits left.
        EXPECT_GE(found, size < 1e-38F ? 1U : kK - 1)
            << to_string(metric) << " " << to_string(quantization) << " " << size;
      }
    }
  }
}

TEST_F(GraphSearchTest, DistancesThatOverflowEndTheWalkAllTheSame) {
  for (const auto metric : {Metric::kL2, Metric::kL1}) {
    const Clustered world(random, metric, Quantization::kNone);
    const Vector query(kDimension, 3e38F);
    EXPECT_EQ(world.search(query, nullptr).neighbors.size(), kK) << to_string(metric);
  }
}

TEST_F(GraphSearchTest, AnswersTheSameBeforeAndAfterItIsHot) {
  const Clustered world(random, Metric::kL2, Quantization::kInt8);
  std::vector<Nearest> before;
  for (const auto& query : world.queries) before.push_back(world.search(query, nullptr));
  ASSERT_TRUE(world.graph->load_hot(std::atomic<bool>{false}));
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto after = world.search(world.queries[i], nullptr);
    ASSERT_EQ(after.neighbors.size(), before[i].neighbors.size());
    for (std::size_t j = 0; j < after.neighbors.size(); ++j)
      EXPECT_EQ(after.neighbors[j].row, before[i].neighbors[j].row);
  }
}

/// What the kernels say about each of `nodes` alone, rising.
std::vector<float> one_by_one(const Graph& graph, const std::byte* query,
                              const std::vector<Node>& nodes) {
  const auto& quantizer = graph.quantizer();
  const auto distance = code_kernels().query[static_cast<std::size_t>(quantizer.kind())];
  std::vector<float> distances;
  for (const auto node : nodes) {
    const auto* code = graph.file().codes().data() + node * quantizer.code_bytes();
    distances.push_back(distance(query, code, quantizer.blocks()));
  }
  std::sort(distances.begin(), distances.end());
  return distances;
}

TEST_F(GraphSearchTest, ScansAnyNumberOfNodesAsOneByOne) {
  for (const auto metric : {Metric::kCosine, Metric::kL2, Metric::kL1}) {
    const Clustered world(random, metric, Quantization::kInt8);
    const auto query = world.graph->quantizer().encode_query(world.queries.front());
    for (const bool hot : {false, true}) {
      if (hot) {
        ASSERT_TRUE(world.graph->load_hot(std::atomic<bool>{false}));
      }
      const auto walkable = world.graph->walkable();
      for (std::size_t count = 1; count < 40; ++count) {
        std::vector<Node> nodes(count);
        for (auto& node : nodes) node = static_cast<Node>(random() % kNodes);
        const auto expected = one_by_one(*world.graph, query.get(), nodes);
        WalkScratch scratch;
        scratch.found.resize(count + 1);
        scratch.distances.resize(count);
        const WalkTask task{query.get(), std::min(count, kK), 0, 0};
        const auto end = walkable.loops.scan(walkable.graph, task, nodes, scratch);
        ASSERT_EQ(end.found, task.nearest);
        EXPECT_EQ(end.compared, count);
        for (std::size_t i = 0; i < end.found; ++i)
          EXPECT_FLOAT_EQ(scratch.found[i].distance, expected[i]) << count << " nodes";
      }
    }
  }
}

TEST_F(GraphSearchTest, GivesTheDistancesOfTheVectorsThemselves) {
  for (const auto metric : kMetrics) {
    const Clustered world(random, metric, Quantization::kInt8);
    for (const auto& query : world.queries) {
      for (const auto& neighbor : world.search(query, nullptr).neighbors) {
        const auto right = distance_of(metric, query, world.vectors.at(neighbor.row));
        EXPECT_NEAR(neighbor.distance, right, 1e-5 * std::max(1.0, std::fabs(right)));
      }
    }
  }
}

TEST_F(GraphSearchTest, IsExactWhenAsked) {
  for (const auto metric : kMetrics) {
    const Clustered world(random, metric, Quantization::kInt8);
    for (const auto& query : world.queries) {
      const auto found = world.search(query, nullptr, 50, true);
      const auto right = world.truth(query, nullptr, 50);
      EXPECT_EQ(found.plan.way, "scan");
      ASSERT_EQ(found.neighbors.size(), right.size());
      for (std::size_t i = 0; i < right.size(); ++i) {
        // Two that differ by less than float32 tells may change places.
        const auto expected = distance_of(metric, query, world.vectors.at(right[i]));
        const auto got = distance_of(metric, query, world.vectors.at(found.neighbors[i].row));
        EXPECT_NEAR(got, expected, 1e-6 * std::max(1.0, std::fabs(expected))) << i;
      }
    }
  }
}

TEST_F(GraphSearchTest, NeverGivesWhatHasEnded) {
  Clustered world(random, Metric::kL2, Quantization::kInt8);
  // Whole neighbourhoods, so that walks meet nothing but ended rows at first.
  for (const auto& query : world.queries) {
    for (const auto row : world.truth(query, nullptr, 150)) world.end(row);
  }
  EXPECT_GE(world.recall(nullptr), 0.95);
  RowSet half;
  for (const auto& [row, vector] : world.vectors) {
    if (random() % 2 == 0) half.insert(row);
  }
  EXPECT_GE(world.recall(&half), 0.95);
  EXPECT_EQ(world.set.live(), kNodes - world.ended.size());
}

TEST_F(GraphSearchTest, FillsItsAnswerFromManyEqualVectors) {
  VectorSet set(Metric::kCosine, 4);
  for (Row row = 1; row <= 5'500; ++row)
    set.append(row, id_of(static_cast<std::size_t>(row)), Vector{1, 2, 3, 4});
  BuildOptions options;
  options.dimension = 4;
  options.last_row = 5'500;
  const auto view = set.view(1);
  const auto built = build_graph(options, view.sources(false).value(), nullptr,
                                 std::atomic<bool>{false}, [](std::size_t) {});
  const mosaic::test::TemporaryFolder folder;
  write_graph_file(folder.path() / "x", *built);
  set.adopt(std::make_shared<Graph>(
      GraphFile::open(folder.path() / "x", {{}, {}, Metric::kCosine, 4, 1}).value()));
  NearestRequest request;
  const Vector query{4, 3, 2, 1};
  request.query = query;
  EXPECT_EQ(set.view(1).nearest(request)->neighbors.size(), 10U);
}

TEST_F(GraphSearchTest, StopsAtTheDeadline) {
  const Clustered world(random, Metric::kL2, Quantization::kInt8);
  NearestRequest request;
  request.query = world.queries[0];
  request.deadline = {TimePoint::min()};
  for (const bool exact : {false, true}) {
    request.exact = exact;
    const auto found = world.set.view(kSeq).nearest(request);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::kDeadlineExceeded);
  }
}

/// What was adopted, what came after, and what ended while the graph was built.
TEST_F(GraphSearchTest, AGraphTakesThePlaceOfTheRowsItCovers) {
  Clustered world(random, Metric::kL2, Quantization::kInt8);
  EXPECT_EQ(world.set.tail(), 0U);
  EXPECT_EQ(world.set.size(), kNodes);
  const auto last = world.vectors.rbegin()->first;
  for (int i = 1; i <= 500; ++i) {
    world.vectors[last + i] = random_vector(random, kDimension);
    world.set.append(last + i, id_of(kNodes + static_cast<std::size_t>(i)),
                     world.vectors[last + i]);
  }
  EXPECT_EQ(world.set.tail(), 500U);
  EXPECT_GE(world.recall(nullptr), 0.95);
  const auto old_view = world.set.view(4);
  auto sources = old_view.sources(true).value();
  EXPECT_EQ(sources.size(), kNodes + 500);
  // Ends while the next graph is being made: of a row of the graph, one of the tail, and one of the
  // tail that is let go of before.
  world.end(world.vectors.begin()->first);
  world.end(last + 7);
  world.end(last + 9);
  world.set.compact(5);
  EXPECT_EQ(world.set.tail(), 498U);
  BuildOptions options;
  options.metric = Metric::kL2;
  options.dimension = kDimension;
  options.seq = 4;
  options.last_row = last + 500;
  const auto built = build_graph(options, std::move(sources), &world.graph->file(),
                                 std::atomic<bool>{false}, [](std::size_t) {});
  const auto path = world.folder.path() / "next";
  write_graph_file(path, *built);
  world.set.adopt(std::make_shared<Graph>(
      GraphFile::open(path, {{}, {}, Metric::kL2, kDimension, kSeq}).value()));
  EXPECT_EQ(world.set.tail(), 0U);
  EXPECT_EQ(world.set.live(), kNodes + 500 - 3);
  EXPECT_EQ(world.set.view(kSeq).live(), kNodes + 497);
  EXPECT_GE(world.recall(nullptr), 0.95);
  NearestRequest request;
  request.query = world.queries[0];
  EXPECT_TRUE(old_view.nearest(request)) << "views of before stay good";
  world.set.drop_graph();
  EXPECT_EQ(world.set.tail(), kNodes + 497);
  EXPECT_EQ(world.recall(nullptr), 1);
}

}  // namespace
}  // namespace mosaic::index
