// Builds graphs and walks them plainly: what they find against all codes compared one by one.
#include <gtest/gtest.h>

#include <fstream>
#include <queue>
#include <set>
#include <thread>

#include "base/failure.hpp"
#include "index/codes/quantizer.hpp"
#include "index/graph/graph_builder.hpp"
#include "support/temporary_folder.hpp"
#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

using namespace test;

constexpr Quantization kQuantizations[] = {Quantization::kNone, Quantization::kFloat16,
                                           Quantization::kInt8, Quantization::kBinary};
constexpr std::size_t kQueries = 40;
constexpr std::size_t kHits = 10;

enum class Shape { kRandom, kClustered };

struct Data {
  std::vector<Vector> vectors;
  std::vector<std::string> ids;

  Data(Random& random, Shape shape, std::size_t count, std::size_t dimension) {
    std::vector<Vector> centers;
    for (int i = 0; i < 25; ++i) centers.push_back(random_vector(random, dimension));
    for (std::size_t i = 0; i < count; ++i) {
      auto vector = random_vector(random, dimension);
      if (shape == Shape::kClustered) {
        const auto& center = centers[random() % centers.size()];
        for (std::size_t j = 0; j < dimension; ++j) vector[j] = center[j] + 0.3F * vector[j];
      }
      vectors.push_back(std::move(vector));
    }
    for (std::size_t i = 0; i < count; ++i) ids.push_back(id_of(i));
  }

  /// The last ones are for queries.
  std::size_t stored() const { return vectors.size() - kQueries; }

  std::vector<SourceVector> sources(std::size_t count) const {
    std::vector<SourceVector> sources;
    for (std::size_t i = 0; i < count; ++i) {
      sources.push_back({static_cast<Row>(3 * i + 1), ids[i], vectors[i].data(), true});
    }
    return sources;
  }
};

struct Found {
  float distance;
  Node node;
  friend auto operator<=>(const Found&, const Found&) = default;
};

class Walk {
 public:
  explicit Walk(const GraphContents& graph)
      : graph_(graph),
        quantizer_(graph.parameters.codes),
        distance_(code_kernels().pair[static_cast<std::size_t>(quantizer_.kind())]),
        query_(aligned_bytes(quantizer_.code_bytes())) {}

  /// The nearest `k`, from a beam of `ef`.
  std::vector<Found> nearest(const Vector& query, std::size_t ef, std::size_t k) {
    quantizer_.encode(query.data(), query_.get());
    Node node = graph_.parameters.entry;
    for (auto level = graph_.levels.size(); level > 0; --level) {
      const auto& links = graph_.levels[level - 1];
      node = links.below[nearest_in(links, node)];
    }
    return beam(node, ef, k);
  }

  std::vector<Found> exact(const Vector& query, std::size_t k) {
    quantizer_.encode(query.data(), query_.get());
    std::vector<Found> all;
    for (Node node = 0; node < graph_.parameters.nodes; ++node) {
      all.push_back({distance(node), node});
    }
    std::sort(all.begin(), all.end());
    all.resize(std::min(k, all.size()));
    return all;
  }

 private:
  float distance(Node node) const {
    return distance_(query_.get(), graph_.codes.get() + node * quantizer_.code_bytes(),
                     quantizer_.blocks());
  }

  std::span<const Node> links(const std::vector<Node>& all, Node node, std::size_t places) const {
    return std::span(all).subspan(node * places, places);
  }

  Node nearest_in(const GraphLevel& level, Node node) const {
    for (Node last = kNoNode; node != last;) {
      last = node;
      for (const auto link : links(level.links, last, graph_.parameters.m)) {
        if (link != kNoNode && distance(level.nodes[link]) < distance(level.nodes[node])) {
          node = link;
        }
      }
    }
    return node;
  }

  std::vector<Found> beam(Node entry, std::size_t ef, std::size_t k) const {
    std::set<Found> found = {{distance(entry), entry}};
    std::set<Found> open = found;
    std::vector<bool> seen(graph_.parameters.nodes);
    seen[entry] = true;
    while (!open.empty() && !(found.size() == ef && *found.rbegin() < *open.begin())) {
      const auto node = open.extract(open.begin()).value().node;
      for (const auto link : links(graph_.links, node, 2 * graph_.parameters.m)) {
        if (link == kNoNode || seen[link]) continue;
        seen[link] = true;
        open.insert({distance(link), link});
        found.insert({distance(link), link});
        if (found.size() > ef) found.erase(std::prev(found.end()));
      }
    }
    std::vector<Found> best(found.begin(), found.end());
    best.resize(std::min(k, best.size()));
    return best;
  }

  const GraphContents& graph_;
  Quantizer quantizer_;
  CodeDistance distance_;
  AlignedBytes query_;
};

BuildOptions options_for(const Data& data, Metric metric, Quantization quantization) {
  BuildOptions options;
  options.collection = {7};
  options.shard = {2};
  options.metric = metric;
  options.quantization = quantization;
  options.dimension = static_cast<std::uint32_t>(data.vectors[0].size());
  options.ef_construction = 100;
  options.seq = 11;
  options.last_row = 1'000'000;
  return options;
}

const std::atomic<bool> kGoOn = false;

GraphContents built(const BuildOptions& options, std::vector<SourceVector> sources,
                    const GraphFile* base = nullptr) {
  auto graph = build_graph(options, std::move(sources), base, kGoOn, [](std::size_t) {});
  EXPECT_TRUE(graph.has_value());
  return std::move(*graph);
}

/// The share of what is nearest that a beam of `ef` finds; equal distances count as found.
double recall(const GraphContents& graph, const Data& data, std::size_t ef) {
  Walk walk(graph);
  std::size_t found = 0, expected = 0;
  for (std::size_t i = data.stored(); i < data.vectors.size(); ++i) {
    const auto exact = walk.exact(data.vectors[i], kHits);
    expected += exact.size();
    for (const auto& hit : walk.nearest(data.vectors[i], ef, kHits)) {
      found += hit.distance <= exact.back().distance ? 1 : 0;
    }
  }
  return static_cast<double>(found) / static_cast<double>(expected);
}

/// Every link is one of a node, nodes come in order, and levels fit on one another.
void expect_sound(const GraphContents& graph) {
  const auto nodes = graph.parameters.nodes;
  ASSERT_EQ(graph.sources.size(), nodes);
  ASSERT_EQ(graph.links.size(), std::size_t{nodes} * 2 * graph.parameters.m);
  for (std::size_t i = 0; i < graph.links.size(); ++i) {
    ASSERT_TRUE(graph.links[i] == kNoNode || graph.links[i] < nodes) << i;
    ASSERT_NE(graph.links[i], i / (2 * graph.parameters.m));
  }
  std::vector<Node> below(nodes);
  for (Node i = 0; i < nodes; ++i) below[i] = i;
  for (const auto& level : graph.levels) {
    ASSERT_EQ(level.below.size(), level.nodes.size());
    ASSERT_EQ(level.links.size(), level.nodes.size() * graph.parameters.m);
    ASSERT_TRUE(std::is_sorted(level.nodes.begin(), level.nodes.end()));
    for (std::size_t i = 0; i < level.nodes.size(); ++i) {
      ASSERT_EQ(below.at(level.below[i]), level.nodes[i]);
    }
    for (const auto link : level.links) {
      ASSERT_TRUE(link == kNoNode || link < level.nodes.size());
    }
    below = level.nodes;
  }
  ASSERT_LT(graph.parameters.entry, below.size());
}

void expect_same(const GraphContents& a, const GraphContents& b) {
  EXPECT_EQ(a.parameters, b.parameters);
  EXPECT_TRUE(a.links == b.links);
  ASSERT_EQ(a.levels.size(), b.levels.size());
  for (std::size_t i = 0; i < a.levels.size(); ++i) {
    EXPECT_TRUE(a.levels[i].nodes == b.levels[i].nodes);
    EXPECT_TRUE(a.levels[i].links == b.levels[i].links);
  }
  const auto bytes = a.parameters.nodes * Quantizer(a.parameters.codes).code_bytes();
  EXPECT_TRUE(std::equal(a.codes.get(), a.codes.get() + bytes, b.codes.get()));
}

class GraphBuilder : public testing::Test {
 protected:
  GraphBuilder() { std::printf("MOSAIC_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_)); }

  std::shared_ptr<const GraphFile> in_file(const GraphContents& graph) {
    const auto path = folder_ / "graph";
    write_graph_file(path, graph);
    return opened(path, graph.parameters);
  }

  static std::shared_ptr<const GraphFile> opened(const std::filesystem::path& path,
                                                 const GraphParameters& is) {
    auto file = GraphFile::open(
        path, {is.collection, is.shard, is.codes.metric, is.codes.dimension, is.seq});
    if (!file) throw Failure(file.error());
    return *file;
  }

  std::uint64_t seed_ = seed();
  Random random_{seed_};
  mosaic::test::TemporaryFolder folder_;
};

TEST_F(GraphBuilder, FindsWhatIsNearestUnderEveryMetricAndQuantization) {
  for (const auto shape : {Shape::kRandom, Shape::kClustered}) {
    const Data data(random_, shape, 1'500, 24);
    for (const auto metric : kMetrics) {
      for (const auto quantization : kQuantizations) {
        if (!has_codes(metric, quantization)) continue;
        const auto graph =
            built(options_for(data, metric, quantization), data.sources(data.stored()));
        expect_sound(graph);
        EXPECT_GE(recall(graph, data, 100), 0.97)
            << "shape " << static_cast<int>(shape) << ", metric " << to_string(metric)
            << ", quantization " << to_string(quantization);
      }
    }
  }
}

TEST_F(GraphBuilder, SaysWhatTheGraphIs) {
  const Data data(random_, Shape::kRandom, 300, 5);
  auto options = options_for(data, Metric::kL2, Quantization::kFloat16);
  options.m = 7;
  auto sources = data.sources(100);
  sources[3].live = false;
  const auto graph = built(options, sources);
  EXPECT_EQ(graph.parameters.collection.value, 7u);
  EXPECT_EQ(graph.parameters.shard.value, 2u);
  EXPECT_EQ(graph.parameters.codes.metric, Metric::kL2);
  EXPECT_EQ(graph.parameters.codes.quantization, Quantization::kFloat16);
  EXPECT_EQ(graph.parameters.codes.dimension, 5u);
  EXPECT_EQ(graph.parameters.wanted, Quantization::kFloat16);
  EXPECT_EQ(graph.parameters.m, 7u);
  EXPECT_EQ(graph.parameters.ef_construction, 100u);
  EXPECT_EQ(graph.parameters.seq, 11u);
  EXPECT_EQ(graph.parameters.last_row, 1'000'000);
  EXPECT_EQ(graph.parameters.nodes, 100u);
  EXPECT_EQ(graph.sources[4].row, 13);
  EXPECT_EQ(graph.sources[4].id, data.ids[4]);
  EXPECT_FALSE(graph.sources[3].live);
}

TEST_F(GraphBuilder, BuildsTheSameGraphAgainOnOneThread) {
  const Data data(random_, Shape::kClustered, 1'000, 16);
  const auto options = options_for(data, Metric::kCosine, Quantization::kInt8);
  const auto sources = data.sources(data.stored());
  expect_same(built(options, sources), built(options, sources));
  const auto half = built(options, data.sources(500));
  const auto base = in_file(half);
  expect_same(built(options, sources, base.get()), built(options, sources, base.get()));
}

TEST_F(GraphBuilder, FindsAsMuchWhenSeveralThreadsBuild) {
  const Data data(random_, Shape::kClustered, 3'000, 16);
  auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  options.threads = 4;
  const auto graph = built(options, data.sources(data.stored()));
  expect_sound(graph);
  EXPECT_GE(recall(graph, data, 100), 0.97);
}

TEST_F(GraphBuilder, FindsAsMuchWhenExtendedInSteps) {
  constexpr std::size_t kSteps = 5;
  const Data data(random_, Shape::kClustered, 2'500 + kQueries, 24);
  for (const auto metric : {Metric::kCosine, Metric::kDot, Metric::kL1}) {
    auto options = options_for(data, metric, Quantization::kInt8);
    const auto whole = built(options, data.sources(data.stored()));
    std::shared_ptr<const GraphFile> base;
    for (std::size_t step = 1; step <= kSteps; ++step) {
      options.threads = 1 + step % 2;
      auto graph = built(options, data.sources(step * data.stored() / kSteps), base.get());
      expect_sound(graph);
      if (step == kSteps) {
        EXPECT_GE(recall(graph, data, 20), recall(whole, data, 20) - 0.03) << to_string(metric);
      }
      if (base) {
        EXPECT_EQ(graph.parameters.codes, base->parameters().codes);
      }
      base = in_file(graph);
    }
  }
}

TEST_F(GraphBuilder, KeepsEndedNodesOfTheBaseAsWays) {
  const Data data(random_, Shape::kRandom, 800, 8);
  const auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  const auto base = in_file(built(options, data.sources(400)));
  auto sources = data.sources(data.stored());
  for (std::size_t i = 0; i < 400; i += 2) sources[i].live = false;
  const auto graph = built(options, sources, base.get());
  EXPECT_EQ(graph.parameters.nodes, data.stored());
  EXPECT_FALSE(graph.sources[0].live);
  EXPECT_TRUE(graph.sources[1].live);
  EXPECT_GE(recall(graph, data, 100), 0.97);
}

TEST_F(GraphBuilder, AddsNothingToABaseThatHasEverything) {
  const Data data(random_, Shape::kRandom, 400, 8);
  const auto options = options_for(data, Metric::kCosine, Quantization::kInt8);
  const auto whole = built(options, data.sources(data.stored()));
  expect_same(built(options, data.sources(data.stored()), in_file(whole).get()), whole);
}

TEST_F(GraphBuilder, BuildsAnewWhenTheCodesNoLongerFit) {
  Data data(random_, Shape::kRandom, 600, 8);
  const auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  const auto base = in_file(built(options, data.sources(300)));
  for (std::size_t i = 300; i < data.vectors.size(); ++i)
    for (float& x : data.vectors[i]) x *= 10;
  const auto graph = built(options, data.sources(data.stored()), base.get());
  EXPECT_GT(graph.parameters.codes.step, 2 * base->parameters().codes.step);
  EXPECT_GE(recall(graph, data, 100), 0.9);
}

TEST_F(GraphBuilder, BuildsAnewWhenTheCodesCannotTellWhatIsNewApart) {
  Data data(random_, Shape::kRandom, 1'600, 8);
  const auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  const auto base = in_file(built(options, data.sources(800)));
  for (std::size_t i = 800; i < data.vectors.size(); ++i)
    for (float& x : data.vectors[i]) x *= 0.001F;
  const auto graph = built(options, data.sources(data.stored()), base.get());
  EXPECT_LT(graph.parameters.codes.quantization, Quantization::kInt8);
  EXPECT_GE(recall(graph, data, 100), 0.9);
}

TEST_F(GraphBuilder, GoesOnWithWiderCodesThanWereAskedFor) {
  Data data(random_, Shape::kRandom, 1'600, 8);
  for (std::size_t i = 0; i < data.vectors.size(); ++i)
    for (float& x : data.vectors[i]) x += i % 2 == 0 ? 200 : -200;
  const auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  const auto base = in_file(built(options, data.sources(800)));
  EXPECT_EQ(base->parameters().codes.quantization, Quantization::kFloat16);
  const auto graph = built(options, data.sources(data.stored()), base.get());
  EXPECT_EQ(graph.parameters.codes, base->parameters().codes);
}

TEST_F(GraphBuilder, BuildsAnewUnderOtherSettings) {
  const Data data(random_, Shape::kRandom, 400, 8);
  auto options = options_for(data, Metric::kCosine, Quantization::kInt8);
  const auto base = in_file(built(options, data.sources(200)));
  options.m = 8;
  expect_same(built(options, data.sources(300), base.get()), built(options, data.sources(300)));
  options.m = 16;
  options.quantization = Quantization::kFloat16;
  expect_same(built(options, data.sources(300), base.get()), built(options, data.sources(300)));
}

TEST_F(GraphBuilder, RefusesVectorsThatDoNotBeginWithTheBase) {
  const Data data(random_, Shape::kRandom, 400, 8);
  const auto options = options_for(data, Metric::kCosine, Quantization::kInt8);
  const auto base = in_file(built(options, data.sources(200)));
  auto sources = data.sources(300);
  sources.erase(sources.begin() + 5);
  EXPECT_THROW(built(options, sources, base.get()), Failure);
  EXPECT_THROW(built(options, data.sources(199), base.get()), Failure);
}

TEST_F(GraphBuilder, StopsEarlyAndGivesNothing) {
  const Data data(random_, Shape::kRandom, 4'000, 32);
  auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  options.threads = 2;
  std::atomic<bool> stop = false;
  std::size_t last = 0;
  const auto graph =
      build_graph(options, data.sources(data.stored()), nullptr, stop, [&](std::size_t done) {
        EXPECT_GT(done, last);
        last = done;
        stop = true;
      });
  EXPECT_FALSE(graph.has_value());
  EXPECT_GT(last, 0u);
  EXPECT_LT(last, data.stored());
}

TEST_F(GraphBuilder, HasNoLevelAboveASingleNode) {
  const Data data(random_, Shape::kRandom, 1, 8);
  const auto graph =
      built(options_for(data, Metric::kCosine, Quantization::kInt8), data.sources(1));
  expect_sound(graph);
  EXPECT_TRUE(graph.levels.empty());
  EXPECT_EQ(graph.parameters.entry, 0u);
}

TEST_F(GraphBuilder, LinksTwoNodes) {
  const Data data(random_, Shape::kRandom, 2, 8);
  const auto options = options_for(data, Metric::kCosine, Quantization::kInt8);
  const auto graph = built(options, data.sources(2));
  expect_sound(graph);
  EXPECT_EQ(graph.links[0], 1u);
  EXPECT_EQ(graph.links[32], 0u);
  const auto base = in_file(built(options, data.sources(1)));
  EXPECT_TRUE(built(options, data.sources(2), base.get()).links == graph.links);
}

TEST_F(GraphBuilder, FindsOthersBesideAThousandEqualVectors) {
  Data data(random_, Shape::kClustered, 5'000, 8);
  for (std::size_t i = 0; i < data.stored(); i += 5) data.vectors[i] = data.vectors[0];
  const auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  const auto base = in_file(built(options, data.sources(2'000)));
  for (const auto* from : {static_cast<const GraphFile*>(nullptr), base.get()})
    EXPECT_GE(recall(built(options, data.sources(data.stored()), from), data, 100), 0.97);
}

TEST_F(GraphBuilder, ReachesEachOfAThousandEqualVectors) {
  Data data(random_, Shape::kRandom, 2'000, 8);
  for (std::size_t i = 0; i < data.stored(); i += 2) data.vectors[i] = data.vectors[0];
  const auto options = options_for(data, Metric::kCosine, Quantization::kInt8);
  const auto graph = built(options, data.sources(data.stored()));
  const auto nearest = Walk(graph).nearest(data.vectors[0], 1'000, data.stored() / 2);
  EXPECT_EQ(nearest.front().distance, nearest.back().distance);
}

TEST_F(GraphBuilder, LinksNothingButEqualVectors) {
  Data data(random_, Shape::kRandom, 300, 8);
  for (auto& vector : data.vectors) vector = data.vectors[0];
  const auto options = options_for(data, Metric::kDot, Quantization::kInt8);
  const auto base = in_file(built(options, data.sources(100)));
  const auto graph = built(options, data.sources(200), base.get());
  expect_sound(graph);
  EXPECT_EQ(Walk(graph).nearest(data.vectors[0], 200, 200).size(), 200u);
}

TEST_F(GraphBuilder, BuildsWithTheFewestAndTheMostLinks) {
  const Data data(random_, Shape::kClustered, 1'000, 8);
  auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  options.m = 2;
  const auto thin = built(options, data.sources(data.stored()));
  expect_sound(thin);
  EXPECT_GT(thin.levels.size(), 5u);
  EXPECT_GE(recall(thin, data, 200), 0.7);
  options.m = 64;
  const auto thick = built(options, data.sources(data.stored()));
  expect_sound(thick);
  EXPECT_GE(recall(thick, data, 100), 0.99);
}

TEST_F(GraphBuilder, NoticesADamagedBase) {
  const Data data(random_, Shape::kRandom, 3'000, 32);
  const auto options = options_for(data, Metric::kL2, Quantization::kInt8);
  const auto half = built(options, data.sources(1'500));
  const auto path = folder_ / "graph";
  write_graph_file(path, half);
  const auto size = std::filesystem::file_size(path);
  std::size_t noticed = 0;
  for (std::size_t at = 64; at < size; at += size / 20) {
    write_graph_file(path, half);
    std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(bytes.get() ^ 1);
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put(byte);
    bytes.close();
    try {
      const auto base = opened(path, half.parameters);
      expect_sound(built(options, data.sources(1'600), base.get()));
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData) << failure.what();
      ++noticed;
    }
  }
  EXPECT_GT(noticed, 5u);
}

}  // namespace
}  // namespace mosaic::index
