// Recall on data of many kinds, with a default search through a graph against brute force: codes
// must not lose what is nearest, wherever vectors lie and however large their numbers are.
#include <gtest/gtest.h>

#include "base/failure.hpp"
#include "index/graph/graph_builder.hpp"
#include "index/vector_set.hpp"
#include "support/temporary_folder.hpp"
#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

using namespace test;

constexpr std::size_t kVectors = 6'000;
constexpr std::size_t kQueries = 20;
constexpr std::size_t kHits = 10;
constexpr Seq kSeq = 1;

using Vectors = std::vector<Vector>;
using Maker = std::function<Vectors(Random&, std::size_t count)>;

/// In `clusters` of them.
Vectors clusters(Random& random, std::size_t count, std::size_t dimension) {
  Vectors centers;
  for (int i = 0; i < 100; ++i) centers.push_back(random_vector(random, dimension));
  Vectors vectors;
  for (std::size_t i = 0; i < count; ++i) {
    auto vector = random_vector(random, dimension);
    const auto& center = centers[random() % centers.size()];
    for (std::size_t j = 0; j < dimension; ++j) vector[j] = center[j] + 0.4F * vector[j];
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

/// Clusters of 32 dimensions whose numbers `change(dimension, x)` has changed.
Maker changed(std::function<float(std::size_t, float)> change) {
  return [change = std::move(change)](Random& random, std::size_t count) {
    auto vectors = clusters(random, count, 32);
    for (auto& vector : vectors) {
      for (std::size_t i = 0; i < vector.size(); ++i) vector[i] = change(i, vector[i]);
    }
    return vectors;
  };
}

Maker times(float factor) {
  return changed([=](std::size_t, float x) { return x * factor; });
}

/// Even in [low, high] in each dimension.
Maker even(std::vector<std::pair<double, double>> ranges) {
  return [ranges = std::move(ranges)](Random& random, std::size_t count) {
    Vectors vectors(count);
    for (auto& vector : vectors) {
      for (const auto& [low, high] : ranges)
        vector.push_back(
            static_cast<float>(std::uniform_real_distribution<double>(low, high)(random)));
    }
    return vectors;
  };
}

struct Kind {
  const char* name;
  Maker make;
  std::vector<std::pair<Metric, Quantization>> codes;
};

constexpr auto kCosine = Metric::kCosine, kL2Metric = Metric::kL2;
constexpr auto kDotMetric = Metric::kDot, kL1Metric = Metric::kL1;
constexpr auto kBytes = Quantization::kInt8, kHalves = Quantization::kFloat16;
constexpr auto kSignBits = Quantization::kBinary, kFloats = Quantization::kNone;

/// The vectors of one kind in a graph, and what is true of them.
class World {
 public:
  World(Random& random, const Maker& make, Metric metric, Quantization quantization)
      : metric_(metric), vectors_(make(random, kVectors + kQueries)) {
    queries_.assign(vectors_.end() - kQueries, vectors_.end());
    vectors_.resize(kVectors);
    const auto dimension = static_cast<std::uint32_t>(vectors_[0].size());
    set_ = std::make_unique<VectorSet>(metric, dimension);
    for (std::size_t i = 0; i < kVectors; ++i)
      set_->append(static_cast<Row>(i + 1), id_of(i), vectors_[i]);
    BuildOptions options;
    options.metric = metric;
    options.quantization = quantization;
    options.dimension = dimension;
    options.seq = kSeq;
    options.last_row = kVectors;
    options.ef_construction = 100;
    const std::atomic<bool> stop = false;
    const auto view = set_->view(kSeq);
    const auto built =
        build_graph(options, view.sources(false).value(), nullptr, stop, [](std::size_t) {});
    write_graph_file(folder_ / "graph", *built);
    graph_ = std::make_shared<Graph>(
        GraphFile::open(folder_ / "graph", {{}, {}, metric, dimension, kSeq}).value());
    set_->adopt(graph_);
  }

  /// Whatever is as near as the last of the true ones counts as found.
  double recall() const {
    std::size_t right = 0;
    for (const auto& query : queries_) {
      std::vector<double> keys;
      for (const auto& vector : vectors_) keys.push_back(distance_of(metric_, query, vector));
      auto sorted = keys;
      std::nth_element(sorted.begin(), sorted.begin() + kHits - 1, sorted.end());
      const double last = sorted[kHits - 1];
      NearestRequest request;
      request.query = query;
      request.k = kHits;
      const auto found = set_->view(kSeq).nearest(request);
      if (!found) throw Failure(found.error());
      for (const auto& neighbor : found->neighbors)
        right += keys[static_cast<std::size_t>(neighbor.row) - 1] <= last ? 1 : 0;
    }
    return static_cast<double>(right) / static_cast<double>(kQueries * kHits);
  }

  Quantization used() const { return graph_->parameters().codes.quantization; }

 private:
  Metric metric_;
  mosaic::test::TemporaryFolder folder_;
  Vectors vectors_;
  Vectors queries_;
  std::unique_ptr<VectorSet> set_;
  std::shared_ptr<Graph> graph_;
};

struct CodeRecall : ::testing::Test {
  const std::uint64_t start = seed();
  Random random{start};
  testing::ScopedTrace trace{__FILE__, __LINE__,
                             testing::Message() << "MOSAIC_TEST_SEED=" << start};

  void expect_found(const std::vector<Kind>& kinds) {
    for (const auto& kind : kinds) {
      for (const auto& [metric, quantization] : kind.codes) {
        // Under dot queries may share their nearest: one that is missed is missed by all of them,
        // so that only several worlds tell how much is.
        const int worlds = metric == Metric::kDot ? 4 : 1;
        double recall = 0;
        Quantization used = quantization;
        for (int i = 0; i < worlds; ++i) {
          const World world(random, kind.make, metric, quantization);
          recall += world.recall() / worlds;
          used = world.used();
        }
        const bool is_rough = quantization == Quantization::kBinary || metric == Metric::kDot;
        EXPECT_GE(recall, is_rough ? 0.9 : 0.95)
            << kind.name << ", " << to_string(metric) << ", " << to_string(quantization) << " as "
            << to_string(used);
      }
    }
  }
};

TEST_F(CodeRecall, DoesNotDependOnWhereVectorsLie) {
  expect_found({
      {"offsets 0, 30, 60, ...",
       changed([](std::size_t i, float x) { return x + 30 * static_cast<float>(i); }),
       {{kL2Metric, kBytes}, {kL1Metric, kBytes}, {kL2Metric, kHalves}, {kL1Metric, kFloats}}},
      {"one dimension + 1000",
       changed([](std::size_t i, float x) { return i == 0 ? x + 1'000 : x; }),
       {{kL2Metric, kBytes}, {kL1Metric, kBytes}, {kL2Metric, kHalves}}},
      {"all + 100",
       changed([](std::size_t, float x) { return x + 100; }),
       {{kL2Metric, kBytes}, {kL1Metric, kHalves}}},
      {"unix timestamps", even({{1.6e9, 1.7e9}, {0, 1}}), {{kL2Metric, kFloats}}},
  });
}

TEST_F(CodeRecall, DoesNotDependOnHowLargeNumbersAre) {
  for (const float factor : {1e5F, 1e-8F, 1e20F}) {
    SCOPED_TRACE(factor);
    expect_found({{"scaled",
                   times(factor),
                   {{kL2Metric, kHalves}, {kL1Metric, kHalves}, {kDotMetric, kHalves}}}});
  }
  expect_found({{"scaled", times(1e20F), {{kL2Metric, kFloats}, {kL2Metric, kBytes}}},
                {"scaled", times(1e-8F), {{kDotMetric, kFloats}, {kDotMetric, kBytes}}}});
}

TEST_F(CodeRecall, DoesNotDependOnHowUnlikeDimensionsAre) {
  std::vector<std::pair<double, double>> table = {{20, 80}, {2e4, 2e5}, {1.4, 2}};
  table.resize(33, {0, 1});
  expect_found({
      {"degrees",
       even({{47, 48}, {8, 9}}),
       {{kL2Metric, kBytes}, {kL2Metric, kHalves}, {kL2Metric, kFloats}}},
      {"one dimension", even({{0, 1}}), {{kL2Metric, kBytes}, {kL1Metric, kHalves}}},
      {"unix timestamps", even({{1.6e9, 1.7e9}, {0, 1}}), {{kL2Metric, kHalves}}},
      {"a table with an income",
       even(table),
       {{kL2Metric, kHalves}, {kL2Metric, kBytes}, {kL1Metric, kBytes}, {kDotMetric, kBytes}}},
      {"one dimension x 1000",
       changed([](std::size_t i, float x) { return i == 0 ? 1'000 * x : x; }),
       {{kL2Metric, kBytes}, {kDotMetric, kBytes}}},
      {"one dimension + 1000",
       changed([](std::size_t i, float x) { return i == 0 ? x + 1'000 : x; }),
       {{kDotMetric, kBytes}, {kDotMetric, kHalves}}},
  });
}

TEST_F(CodeRecall, DoesNotDependOnFewLargeNumbers) {
  const auto sparse = [](Random& from, std::size_t count) {
    auto vectors = clusters(from, count, 32);
    for (std::size_t i = 0; i < kVectors; ++i) {
      for (float& x : vectors[i]) x *= from() % 200 == 0 ? 100.0F : 1.0F;
    }
    return vectors;
  };
  const auto one = [](Random& from, std::size_t count) {
    auto vectors = clusters(from, count, 32);
    for (float& x : vectors[17]) x *= 1e6F;
    return vectors;
  };
  expect_found({{"one number of 200 x 100", sparse, {{kL2Metric, kBytes}, {kDotMetric, kBytes}}},
                {"one vector x 1e6", one, {{kL2Metric, kBytes}, {kL2Metric, kHalves}}}});
}

TEST_F(CodeRecall, DoesNotDependOnHowNarrowTheConeIs) {
  const auto beside = [](float size) {
    return changed([=](std::size_t i, float x) { return x + size * (i % 2 == 0 ? 1.0F : -0.7F); });
  };
  expect_found({
      {"all positive",
       changed([](std::size_t, float x) { return std::fabs(x) + 0.5F; }),
       {{kCosine, kSignBits}, {kCosine, kBytes}}},
      {"mean cosine .99", beside(10), {{kCosine, kBytes}, {kCosine, kSignBits}}},
      {"mean cosine .95", beside(5), {{kCosine, kBytes}}},
      {"mean cosine .999", beside(40), {{kCosine, kBytes}, {kCosine, kHalves}, {kCosine, kFloats}}},
  });
}

}  // namespace
}  // namespace mosaic::index
