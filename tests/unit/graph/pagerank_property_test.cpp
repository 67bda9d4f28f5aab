// Random graphs against a plain dense reference, and in random orders of arrival.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>

#include "graphs.hpp"

namespace mosaic::graph {
namespace {

/// MOSAIC_TEST_SEED repeats a run that failed.
std::uint64_t seed_of_run() {
  const auto* given = std::getenv("MOSAIC_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

struct RandomGraph {
  explicit RandomGraph(std::mt19937_64& random) {
    const std::size_t documents = 1 + random() % 40;
    for (std::size_t i = 0; i < documents; ++i) ids.push_back(fmt::format("d{}", i));
    const std::size_t count = random() % (4 * documents);
    // Some ends are no documents; some weights are zero or negative.
    const auto end = [&] { return fmt::format("d{}", random() % (documents + 3)); };
    std::uniform_real_distribution<double> weight(-1, 4);
    for (std::size_t i = 0; i < count; ++i) links.push_back({end(), end(), weight(random)});
  }

  std::vector<std::string> ids;
  std::vector<TestLink> links;
};

/// The chance to go from each document to each, as a full matrix.
std::vector<std::vector<double>> transitions(const RandomGraph& graph, bool weighted) {
  std::map<std::string, std::size_t> place;
  for (const auto& id : std::set<std::string>(graph.ids.begin(), graph.ids.end()))
    place.emplace(id, place.size());
  const std::size_t n = place.size();
  std::vector<std::vector<double>> chance(n, std::vector<double>(n, 0));
  for (const auto& link : graph.links) {
    if (!place.contains(link.source) || !place.contains(link.target)) continue;
    auto& cell = chance[place[link.source]][place[link.target]];
    cell = weighted ? cell + std::max(link.weight, 0.0) : 1;
  }
  for (auto& row : chance) {
    double sum = 0;
    for (const auto cell : row) sum += cell;
    for (auto& cell : row) cell = sum > 0 ? cell / sum : 1 / static_cast<double>(n);
  }
  return chance;
}

std::vector<double> dense_reference(const RandomGraph& graph, const PageRankOptions& options) {
  const auto chance = transitions(graph, options.weighted);
  const std::size_t n = chance.size();
  std::vector<double> values(n, 1 / static_cast<double>(n));
  for (int round = 0; round < 400; ++round) {
    std::vector<double> next(n, (1 - options.damping) / static_cast<double>(n));
    for (std::size_t from = 0; from < n; ++from) {
      for (std::size_t to = 0; to < n; ++to)
        next[to] += options.damping * values[from] * chance[from][to];
    }
    values = next;
  }
  return values;
}

TEST(PageRankProperty, EqualsTheDenseReference) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    const RandomGraph plain(random);
    PageRankOptions options{.iterations = 2000, .tolerance = 1e-15};
    options.damping = std::uniform_real_distribution<double>(0, 0.9)(random);
    options.weighted = random() % 2 == 0;
    const auto rank = rank_of(make_graph(plain.ids, plain.links), options);
    const auto expected = dense_reference(plain, options);
    ASSERT_EQ(rank.values.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(rank.values[i], expected[i], 1e-12) << "round " << round;
    ASSERT_NEAR(sum_of(rank.values), 1, 1e-14);
  }
}

TEST(PageRankProperty, TheOrderOfArrivalChangesNoBit) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    RandomGraph plain(random);
    const PageRankOptions options{.weighted = round % 2 == 0};
    const auto first = rank_of(make_graph(plain.ids, plain.links), options);
    for (int shuffle = 0; shuffle < 3; ++shuffle) {
      std::shuffle(plain.ids.begin(), plain.ids.end(), random);
      std::shuffle(plain.links.begin(), plain.links.end(), random);
      const auto again = rank_of(make_graph(plain.ids, plain.links), options);
      ASSERT_EQ(again.values, first.values);
      ASSERT_EQ(again.iterations, first.iterations);
      ASSERT_EQ(again.residual, first.residual);
    }
  }
}

TEST(PageRankProperty, SumsToOneOverManyDocuments) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  LinkGraphBuilder builder;
  constexpr std::size_t kDocuments = 100'000;
  const auto id = [&] { return std::to_string(random() % kDocuments); };
  for (std::size_t i = 0; i < kDocuments; ++i) {
    builder.add_document(std::to_string(i));
    builder.add_link(id(), id(), 1);
    builder.add_link(id(), "0", 1);
  }
  EXPECT_NEAR(sum_of(rank_of(std::move(builder).build()).values), 1, 1e-13);
}

}  // namespace
}  // namespace mosaic::graph
