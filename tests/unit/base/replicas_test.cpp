#include "base/replicas.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace mosaic {
namespace {

NodeIds nodes(std::uint64_t count) {
  NodeIds ids;
  for (std::uint64_t id = 1; id <= count; ++id) ids.push_back(id * 7'919);
  return ids;
}

std::map<std::uint64_t, std::size_t> held(const std::vector<NodeIds>& homes) {
  std::map<std::uint64_t, std::size_t> shards;
  for (const auto& home : homes) {
    for (const auto node : home) ++shards[node];
  }
  return shards;
}

TEST(Rendezvous, GivesEachShardAsManyAsThereAre) {
  for (const auto& home : rendezvous(5, 20, 3, nodes(5))) EXPECT_EQ(home.size(), 3U);
  EXPECT_EQ(rendezvous(5, 2, 3, nodes(2)), std::vector(2, nodes(2)));
  EXPECT_EQ(rendezvous(5, 2, 3, {}), std::vector<NodeIds>(2));
}

TEST(Rendezvous, NamesNoNodeTwice) {
  for (auto& home : rendezvous(5, 30, 4, nodes(7))) {
    EXPECT_TRUE(std::is_sorted(home.begin(), home.end()));
    EXPECT_EQ(std::adjacent_find(home.begin(), home.end()), home.end());
  }
}

TEST(Rendezvous, DoesNotDependOnTheOrderOfNodes) {
  auto turned = nodes(5);
  std::reverse(turned.begin(), turned.end());
  EXPECT_EQ(rendezvous(5, 9, 2, nodes(5)), rendezvous(5, 9, 2, turned));
}

/// Part of what the log means.
TEST(Rendezvous, IsAsItEverWas) {
  EXPECT_EQ(rendezvous(5, 3, 2, {1, 2, 3, 4}), (std::vector<NodeIds>{{2, 4}, {2, 3}, {1, 3}}));
}

TEST(Rendezvous, GivesEveryNodeItsShare) {
  constexpr std::size_t kNodes = 5;
  for (std::uint32_t shards = 1; shards <= 40; ++shards) {
    for (std::uint32_t count = 1; count <= 3; ++count) {
      for (Seq collection = 1; collection <= 20; ++collection) {
        auto shares = held(rendezvous(collection, shards, count, nodes(kNodes)));
        for (const auto node : nodes(kNodes)) {
          EXPECT_LE(shares[node], (shards * count + kNodes - 1) / kNodes);
          EXPECT_GE(shares[node], shards * count / kNodes);
        }
      }
    }
  }
}

TEST(Rendezvous, MovesLittleButWhatANewNodeTakesOver) {
  std::size_t moved = 0, taken = 0;
  for (Seq collection = 1; collection <= 50; ++collection) {
    const auto before = rendezvous(collection, 12, 2, nodes(4));
    const auto after = rendezvous(collection, 12, 2, nodes(5));
    for (std::size_t i = 0; i < before.size(); ++i) {
      for (const auto node : after[i])
        moved += std::count(before[i].begin(), before[i].end(), node) == 0;
    }
    taken += held(after)[nodes(5).back()];
  }
  EXPECT_NEAR(taken, 50 * 12 * 2 / 5, 50);
  EXPECT_LT(moved, 2 * taken);
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
