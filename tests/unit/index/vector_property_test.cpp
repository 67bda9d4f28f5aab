// Random sets, ends, filters and queries against a plain scan in double precision.
#include <gtest/gtest.h>

#include <map>

#include "index/vector_set.hpp"
#include "unit/index/vectors.hpp"
#include "unit/index/views.hpp"

namespace mosaic::index {
namespace {

using namespace test;

struct Stored {
  std::string id;
  Vector vector;
  Seq ended = kNeverEnded;
};

struct World {
  World(Random& random, Metric world_metric, bool equal_distances)
      : metric(world_metric),
        dimension(static_cast<std::uint32_t>(1 + random() % (random() % 4 == 0 ? 300 : 24))),
        signs(equal_distances),
        set(metric, dimension) {
    const auto count = random() % 3'000;
    const auto gap = 1 + random() % 3;
    Row row = 0;
    for (std::size_t i = 0; i < count; ++i) {
      row += static_cast<Row>(1 + random() % gap);
      const auto& [id, vector, ended] = stored[row] = {id_of(i), vector_of(random)};
      set.append(row, id, vector);
    }
    for (auto& [number, document] : stored) {
      if (random() % 4 != 0) continue;
      document.ended = 1 + random() % kSeqs;
      set.end(number, document.ended);
    }
  }

  Vector vector_of(Random& random) const {
    return signs ? random_signs(random, dimension) : random_vector(random, dimension);
  }

  std::vector<Neighbor> scan(const Vector& query, const RowSet* filter, Seq seq) const {
    std::vector<Neighbor> all;
    for (const auto& [row, document] : stored) {
      if (document.ended <= seq || (filter != nullptr && !filter->contains(row))) continue;
      all.push_back({row, document.id, distance_of(metric, query, document.vector)});
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return std::tie(a.distance, a.id) < std::tie(b.distance, b.id);
    });
    return all;
  }

  static constexpr Seq kSeqs = 20;

  Metric metric;
  std::uint32_t dimension;
  bool signs;
  VectorSet set;
  std::map<Row, Stored> stored;
};

RowSet random_filter(Random& random, const World& world) {
  constexpr double kShares[] = {0.001, 0.01, 0.1, 0.5, 0.9, 1};
  std::bernoulli_distribution wanted(kShares[random() % std::size(kShares)]);
  RowSet filter;
  const Row last = world.stored.empty() ? 10 : world.stored.rbegin()->first + 100;
  for (Row row = 0; row <= last; ++row) {
    if (wanted(random)) filter.insert(row);
  }
  return filter;
}

void expect_same_rows(const std::vector<Neighbor>& found, const std::vector<Neighbor>& all) {
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].row, all[i].row) << "place " << i;
    ASSERT_EQ(found[i].id, all[i].id) << "place " << i;
  }
}

// Two rows whose distances differ by less than float32 sees may change places.
void expect_right_order(const World& world, const Vector& query,
                        const std::vector<Neighbor>& found) {
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& document = world.stored.at(found[i].row);
    ASSERT_EQ(found[i].id, document.id);
    const auto right = distance_of(world.metric, query, document.vector);
    ASSERT_NEAR(found[i].distance, right, 1e-5 * std::max(1.0, std::fabs(right)));
    if (i == 0) continue;
    ASSERT_LT(std::tie(found[i - 1].distance, found[i - 1].id),
              std::tie(found[i].distance, found[i].id));
  }
}

void search_once(Random& random, const World& world) {
  const auto query = world.vector_of(random);
  const auto seq = random() % (World::kSeqs + 2);
  const auto k = 1 + random() % (random() % 3 == 0 ? 4'000 : 20);
  const auto filter = random_filter(random, world);
  const auto* used = random() % 3 == 0 ? nullptr : &filter;
  const auto view = world.set.view(seq);
  const auto found = neighbors(view, query, k, used);
  ASSERT_TRUE(found) << found.error().detail;
  const auto all = world.scan(query, used, seq);
  ASSERT_EQ(found->size(), std::min(k, all.size()));
  expect_right_order(world, query, *found);
  for (std::size_t i = 0; i < found->size(); ++i) {
    const auto right = all[i].distance;
    ASSERT_NEAR((*found)[i].distance, right, 1e-5 * std::max(1.0, std::fabs(right)));
    ASSERT_EQ(view.distance((*found)[i].row, query).value(), (*found)[i].distance);
  }
  if (world.signs) expect_same_rows(*found, all);
}

TEST(VectorProperty, NearestEqualsAPlainScan) {
  const auto start = seed();
  SCOPED_TRACE(testing::Message() << "MOSAIC_TEST_SEED=" << start);
  Random random(start);
  constexpr int kWorlds = 12;
  constexpr int kSearches = 12;
  for (int round = 0; round < kWorlds; ++round) {
    for (const Metric metric : kMetrics) {
      const World world(random, metric, round % 2 == 0);
      for (int search = 0; search < kSearches; ++search) {
        SCOPED_TRACE(testing::Message() << to_string(metric) << " round " << round << " search "
                                        << search << " dimension " << world.dimension);
        search_once(random, world);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(VectorProperty, CompactedSetsAnswerLikeTheirSource) {
  const auto start = seed();
  SCOPED_TRACE(testing::Message() << "MOSAIC_TEST_SEED=" << start);
  Random random(start);
  for (const Metric metric : kMetrics) {
    World world(random, metric, false);
    std::vector<VectorView> before;
    for (Seq seq = 0; seq <= World::kSeqs; ++seq) before.push_back(world.set.view(seq));
    const auto floor = random() % World::kSeqs;
    world.set.compact(floor);
    const auto query = world.vector_of(random);
    for (Seq seq = floor; seq <= World::kSeqs; ++seq) {
      const auto expected = neighbors(before[seq], query, 5'000);
      const auto found = neighbors(world.set.view(seq), query, 5'000);
      ASSERT_EQ(found->size(), expected->size());
      expect_same_rows(*found, *expected);
    }
  }
}

}  // namespace
}  // namespace mosaic::index
