#include "http/idle_connections.hpp"

#include <gtest/gtest.h>

namespace mosaic::http {
namespace {

TEST(IdleConnections, TheOneThatIsIdleLongestIsTakenFirst) {
  IdleConnections<int> idle;
  const auto first = std::make_shared<int>(1);
  const auto second = std::make_shared<int>(2);
  idle.enter(first);
  idle.enter(second);
  EXPECT_EQ(idle.take_longest(), first);
  EXPECT_EQ(idle.take_longest(), second);
  EXPECT_EQ(idle.take_longest(), nullptr);
}

TEST(IdleConnections, WhoeverLeavesIsNotTakenAndWhoeverWasTakenIsTold) {
  IdleConnections<int> idle;
  const auto first = std::make_shared<int>(1);
  const auto second = std::make_shared<int>(2);
  const auto place = idle.enter(first);
  const auto other = idle.enter(second);
  EXPECT_TRUE(idle.leave(place));
  EXPECT_EQ(idle.take_longest(), second);
  EXPECT_FALSE(idle.leave(other));
}

TEST(IdleConnections, ConnectionsThatAreGoneArePassedOver) {
  IdleConnections<int> idle;
  idle.enter(std::make_shared<int>(1));
  const auto second = std::make_shared<int>(2);
  idle.enter(second);
  EXPECT_EQ(idle.take_longest(), second);
}

}  // namespace
}  // namespace mosaic::http
