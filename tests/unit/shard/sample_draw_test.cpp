#include "shard/sample_draw.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace mosaic::shard {
namespace {

constexpr auto kEveryLot = std::numeric_limits<std::uint64_t>::max();

/// So many vectors, each with a lot by chance; the vector holds its number.
std::vector<Drawn> vectors_with_lots(std::mt19937_64& random, int count) {
  std::vector<Drawn> all;
  for (int i = 0; i < count; ++i) all.push_back({random(), {static_cast<float>(i)}});
  return all;
}

/// What shards give of `all` until the draw is content; how often they were asked.
int draw(SampleDraw& draw, const std::vector<Drawn>& all) {
  for (int rounds = 1;; ++rounds) {
    for (const auto& one : all) {
      if (one.lot <= draw.lot_max()) draw.add({one});
    }
    if (!draw.again()) return rounds;
  }
}

TEST(SampleDraw, TakesAllOfWhatIsNoMoreThanTheSample) {
  EXPECT_EQ(SampleDraw(10, 0).lot_max(), kEveryLot);
  EXPECT_EQ(SampleDraw(10, 10).lot_max(), kEveryLot);
  SampleDraw few(10, 3);
  few.add({{5, {1}}, {4, {2}}});
  EXPECT_FALSE(few.again());
  EXPECT_EQ(few.take(), (std::vector<Vector>{{2}, {1}}));
}

TEST(SampleDraw, IsTheLowestLotsWhateverTheOrderAndHoweverManyHaveNoVector) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const std::uint64_t without : {0, 5'000, 500'000}) {
    auto all = vectors_with_lots(random, 5'000);
    SampleDraw first(300, 5'000 + without);
    const auto rounds = draw(first, all);
    EXPECT_LE(rounds, 5) << without;
    const auto sample = first.take();
    std::shuffle(all.begin(), all.end(), random);
    SampleDraw second(300, 5'000 + without);
    draw(second, all);
    EXPECT_EQ(second.take(), sample);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.lot < b.lot; });
    ASSERT_EQ(sample.size(), 300U) << without;
    for (std::size_t i = 0; i < sample.size(); ++i) EXPECT_EQ(sample[i], all[i].vector);
  }
}

TEST(SampleDraw, HoldsHardlyMoreThanItTakes) {
  EXPECT_LT(static_cast<double>(SampleDraw(10'000, 1'000'000).lot_max()),
            0.0105 * static_cast<double>(kEveryLot));
}

TEST(SampleDraw, EndsWhereThereAreFewerVectorsThanWanted) {
  std::mt19937_64 random(1);
  SampleDraw draw_of(300, 1'000'000);
  draw(draw_of, vectors_with_lots(random, 20));
  EXPECT_EQ(draw_of.take().size(), 20U);
}

}  // namespace
}  // namespace mosaic::shard
