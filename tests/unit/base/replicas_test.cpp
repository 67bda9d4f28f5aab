#include "base/replicas.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace mosaic {
namespace {

constexpr std::uint32_t kShards = 1'000;

std::vector<std::uint64_t> nodes(std::uint64_t count) {
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 1; id <= count; ++id) ids.push_back(id * 7'919);
  return ids;
}

TEST(Rendezvous, GivesAsManyAsThereAre) {
  EXPECT_EQ(rendezvous(5, {0}, 3, nodes(5)).size(), 3U);
  EXPECT_EQ(rendezvous(5, {0}, 3, nodes(2)), nodes(2));
  EXPECT_TRUE(rendezvous(5, {0}, 3, {}).empty());
}

TEST(Rendezvous, NamesNoNodeTwice) {
  auto homes = rendezvous(5, {0}, 4, nodes(9));
  EXPECT_TRUE(std::is_sorted(homes.begin(), homes.end()));
  EXPECT_EQ(std::unique(homes.begin(), homes.end()), homes.end());
}

TEST(Rendezvous, DoesNotDependOnTheOrderOfNodes) {
  auto turned = nodes(5);
  std::reverse(turned.begin(), turned.end());
  EXPECT_EQ(rendezvous(5, {3}, 2, nodes(5)), rendezvous(5, {3}, 2, turned));
}

/// Part of what the log means.
TEST(Rendezvous, IsAsItEverWas) {
  EXPECT_EQ(rendezvous(5, {0}, 2, {1, 2, 3, 4}), (std::vector<std::uint64_t>{2, 4}));
}

TEST(Rendezvous, SpreadsShardsEvenly) {
  std::map<std::uint64_t, int> held;
  for (std::uint32_t i = 0; i < kShards; ++i) {
    for (const auto node : rendezvous(5, {i}, 2, nodes(5))) ++held[node];
  }
  for (const auto& [node, shards] : held) EXPECT_NEAR(shards, 2 * kShards / 5, 60) << node;
}

TEST(Rendezvous, MovesNothingButWhatANewNodeTakesOver) {
  int moved = 0;
  for (std::uint32_t i = 0; i < kShards; ++i) {
    const auto before = rendezvous(5, {i}, 2, nodes(4));
    for (const auto node : rendezvous(5, {i}, 2, nodes(5))) {
      if (std::count(before.begin(), before.end(), node) != 0) continue;
      EXPECT_EQ(node, nodes(5).back());
      ++moved;
    }
  }
  EXPECT_NEAR(moved, 2 * kShards / 5, 60);
}

TEST(Replicas, WithoutAWordOfThemAllIsHere) {
  EXPECT_TRUE(lives_on({}, {3}, 1));
  const Replicas replicas{{5, {{1, true}, {2, false}}}};
  EXPECT_TRUE(lives_on(replicas, {0}, 1));
  EXPECT_TRUE(lives_on(replicas, {0}, 2));
  EXPECT_FALSE(lives_on(replicas, {0}, 3));
}

}  // namespace
}  // namespace mosaic
