// Walks, scans and filters over real graphs, against brute force in double precision.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/failure.hpp"
#include "index/graph/graph_builder.hpp"
#include "index/graph/walk_plan.hpp"
#include "index/vector_set.hpp"
#include "support/temporary_folder.hpp"
#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

using namespace test;

constexpr std::size_t kNodes = 6'000;
constexpr std::uint32_t kDimension = 24;
constexpr std::size_t kClusters = 60;
constexpr std::size_t kK = 10;
constexpr Seq kSeq = 10;

/// A graph over vectors in clusters, and what is true of them.
struct Clustered {
  Clustered(Random& random, Metric the_metric, Quantization quantization)
      : metric(the_metric), set(metric, kDimension) {
    std::vector<Vector> centers;
    for (std::size_t i = 0; i < kClusters; ++i)
      centers.push_back(random_vector(random, kDimension));
    const auto near_center = [&] {
      auto vector = random_vector(random, kDimension);
      const auto& center = centers[random() % kClusters];
      for (std::size_t i = 0; i < kDimension; ++i) vector[i] = center[i] + 0.6F * vector[i];
      return vector;
    };
    Row row = 0;
    for (std::size_t i = 0; i < kNodes; ++i) {
      row += static_cast<Row>(1 + random() % 2);
      vectors[row] = near_center();
      set.append(row, id_of(i), vectors[row]);
    }
    for (int i = 0; i < 20; ++i) queries.push_back(near_center());
    BuildOptions options;
    options.metric = metric;
    options.quantization = quantization;
    options.dimension = kDimension;
    options.seq = 1;
    options.last_row = row;
    const auto view = set.view(1);
    const std::atomic<bool> stop{false};
    const auto built =
        build_graph(options, view.sources(false).value(), nullptr, stop, [](std::size_t) {});
    const auto path = folder.path() / "test.index";
    write_graph_file(path, *built);
    const GraphFile::Expected expected{{}, {}, metric, kDimension, kSeq};
    graph = std::make_shared<Graph>(GraphFile::open(path, expected).value());
    set.adopt(graph);
  }

  Nearest search(const Vector& query, const RowSet* filter, std::size_t k = kK,
                 bool exact = false) const {
    NearestRequest request;
    request.query = query;
    request.k = k;
    request.filter = filter;
    request.exact = exact;
    auto found = set.view(kSeq).nearest(request);
    if (!found) throw Failure(found.error());
    return std::move(*found);
  }

  /// Rows by rising distance that pass and are live.
  std::vector<Row> truth(const Vector& query, const RowSet* filter, std::size_t k) const {
    std::vector<std::pair<double, Row>> all;
    for (const auto& [row, vector] : vectors) {
      if (ended.contains(row) || (filter != nullptr && !filter->contains(row))) continue;
      all.emplace_back(distance_of(metric, query, vector), row);
    }
    std::sort(all.begin(), all.end());
    std::vector<Row> rows;
    for (std::size_t i = 0; i < std::min(k, all.size()); ++i) rows.push_back(all[i].second);
    return rows;
  }

  void end(Row row) {
    set.end(row, 5);
    ended.insert(row);
  }

  double recall(const RowSet* filter, std::map<std::string, int>* ways = nullptr) const {
    std::size_t right = 0;
    std::size_t wanted = 0;
    for (const auto& query : queries) {
      const auto found = search(query, filter);
      const auto rows = truth(query, filter, kK);
      EXPECT_EQ(found.neighbors.size(), rows.size());
      const std::set<Row> expected(rows.begin(), rows.end());
      for (const auto& neighbor : found.neighbors) {
        right += expected.contains(neighbor.row) ? 1 : 0;
        EXPECT_FALSE(ended.contains(neighbor.row));
        EXPECT_TRUE(filter == nullptr || filter->contains(neighbor.row));
      }
      wanted += rows.size();
      if (ways != nullptr) ++(*ways)[found.plan.way];
    }
    return wanted == 0 ? 1 : static_cast<double>(right) / static_cast<double>(wanted);
  }

  mosaic::test::TemporaryFolder folder;
  Metric metric;
  VectorSet set;
  std::map<Row, Vector> vectors;
  std::set<Row> ended;
  std::vector<Vector> queries;
  std::shared_ptr<Graph> graph;
};

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
      std::vector<Row> rows;
      const auto found = world.search(query, nullptr, 50, true);
      for (const auto& neighbor : found.neighbors) rows.push_back(neighbor.row);
      EXPECT_EQ(rows, world.truth(query, nullptr, 50));
      EXPECT_EQ(found.plan.way, "scan");
    }
  }
}

TEST_F(GraphSearchTest, KeepsItsRecallUnderRandomFiltersOfAnySize) {
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

TEST_F(GraphSearchTest, KeepsItsRecallWhenMatchesAreNearTheQueryOrFarFromIt) {
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

TEST_F(GraphSearchTest, WalksForManyMatchesAndScansFew) {
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

TEST_F(GraphSearchTest, NeverGivesWhatHasEnded) {
  Clustered world(random, Metric::kL2, Quantization::kInt8);
  // Whole neighbourhoods, so that walks meet nothing but ended rows at first.
  for (const auto& query : world.queries) {
    for (const auto row : world.truth(query, nullptr, 150)) world.end(row);
  }
  EXPECT_GE(world.recall(nullptr), 0.95);
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

TEST(NodeMap, MeetsAFilter) {
  const std::vector<Row> rows{3, 64, 65, 130, 500};
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

TEST(WalkPlan, ScansWhereThatCostsLess) {
  Selection all{200'000, 200'000, 32, 10, 100};
  EXPECT_EQ(beam_for(all), 100U);
  EXPECT_LT(walk_cost(all, beam_for(all)), scan_cost(all));
  Selection few = all;
  few.matches = 200;
  EXPECT_GT(walk_cost(few, beam_for(few)), scan_cost(few));
  Selection tenth = all;
  tenth.matches = 20'000;
  EXPECT_EQ(beam_for(tenth), 170U);
  EXPECT_LT(walk_cost(tenth, beam_for(tenth)), scan_cost(tenth));
  Selection small{1'000, 1'000, 32, 10, 100};
  EXPECT_GT(walk_cost(small, beam_for(small)), scan_cost(small));
}

}  // namespace
}  // namespace mosaic::index
