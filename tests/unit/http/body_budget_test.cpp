#include "http/body_budget.hpp"

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace mosaic::http {
namespace {

TEST(BodyBudget, IsFullAtItsLimit) {
  BodyBudget budget(100);
  const auto first = budget.reserve(60);
  const auto second = budget.reserve(40);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(budget.reserve(1));
  EXPECT_TRUE(budget.reserve(0));
}

TEST(BodyBudget, NeverTakesMoreThanTheLimit) {
  BodyBudget budget(100);
  EXPECT_FALSE(budget.reserve(101));
  const auto share = budget.reserve(1);
  EXPECT_FALSE(budget.reserve(std::numeric_limits<std::uint64_t>::max()));
}

TEST(BodyBudget, GetsBackWhatAMovedShareHeldOnce) {
  BodyBudget budget(100);
  auto share = budget.reserve(100);
  BodyBudget::Share moved = std::move(*share);
  share.reset();
  EXPECT_FALSE(budget.reserve(1));
  moved.give_back();
  moved.give_back();
  EXPECT_TRUE(budget.reserve(100));
}

TEST(BodyBudget, GetsBackWhatIsReplaced) {
  BodyBudget budget(100);
  auto share = *budget.reserve(60);
  share = *budget.reserve(40);
  EXPECT_TRUE(budget.reserve(60));
  EXPECT_FALSE(budget.reserve(61));
}

TEST(BodyBudget, HoldsWhenManyThreadsReserve) {
  BodyBudget budget(100);
  std::atomic<std::uint64_t> held = 0;
  std::atomic<bool> too_much = false;
  std::vector<std::thread> threads;
  for (std::uint64_t size : {10, 20, 30, 40}) {
    threads.emplace_back([&, size] {
      for (int round = 0; round < 20'000; ++round) {
        const auto share = budget.reserve(size);
        if (!share) continue;
        if ((held += size) > 100) too_much = true;
        held -= size;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(too_much);
  EXPECT_TRUE(budget.reserve(100));
}

}  // namespace
}  // namespace mosaic::http
