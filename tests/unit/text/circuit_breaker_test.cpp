#include "text/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace mosaic::text {
namespace {

using std::chrono::milliseconds;

struct CircuitBreakerTest : testing::Test {
  TimePoint now{std::chrono::hours(1)};
  CircuitBreaker breaker;
};

TEST_F(CircuitBreakerTest, AllowsEverythingAsLongAsNothingFails) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(breaker.allows(now));
    EXPECT_FALSE(breaker.succeeded());
  }
}

TEST_F(CircuitBreakerTest, LeavesAloneForPausesThatDoubleUpToALimit) {
  for (const int pause : {1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000}) {
    ASSERT_TRUE(breaker.allows(now));
    EXPECT_EQ(breaker.failed(now), milliseconds(pause));
    EXPECT_FALSE(breaker.allows(now + milliseconds(pause - 1)));
    now += milliseconds(pause);
  }
  ASSERT_TRUE(breaker.allows(now));
  EXPECT_TRUE(breaker.succeeded()) << "the outage is over";
  EXPECT_EQ(breaker.failed(now), milliseconds(1'000));
}

TEST_F(CircuitBreakerTest, FailuresOfWhatWasUnderWayCountOnce) {
  EXPECT_EQ(breaker.failed(now), milliseconds(1'000));
  EXPECT_EQ(breaker.failed(now + milliseconds(50)), std::nullopt);
  EXPECT_TRUE(breaker.allows(now + milliseconds(1'000)));
}

TEST_F(CircuitBreakerTest, OneAtATimeFindsOut) {
  breaker.failed(now);
  now += milliseconds(1'000);
  EXPECT_TRUE(breaker.allows(now));
  EXPECT_FALSE(breaker.allows(now));
  EXPECT_TRUE(breaker.allows(now + milliseconds(2'000))) << "whoever tried has not come back";
}

}  // namespace
}  // namespace mosaic::text
