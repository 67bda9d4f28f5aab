#include "cluster/restart_policy.hpp"

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{};

TEST(RestartPolicy, DoublesThePauseWithEveryCrashInTheWindow) {
  RestartPolicy policy;
  EXPECT_EQ(policy.crashed(kStart).after, 20ms);
  EXPECT_EQ(policy.crashed(kStart + 1s).after, 40ms);
  EXPECT_EQ(policy.crashed(kStart + 2s).after, 80ms);
}

TEST(RestartPolicy, ForgetsCrashesThatLeftTheWindow) {
  RestartPolicy policy;
  policy.crashed(kStart);
  policy.crashed(kStart + 1s);
  EXPECT_EQ(policy.crashed(kStart + 60s).after, 20ms);
}

TEST(RestartPolicy, ParksAChildThatKeepsFailing) {
  RestartPolicy policy({.crashes_max = 2});
  EXPECT_FALSE(policy.crashed(kStart).parked);
  EXPECT_FALSE(policy.crashed(kStart + 1ms).parked);
  const auto third = policy.crashed(kStart + 2ms);
  EXPECT_TRUE(third.parked);
  EXPECT_EQ(third.after, 30s);
}

TEST(RestartPolicy, NeverPausesLongerThanTheLimit) {
  RestartPolicy policy({.backoff_max = 50ms, .crashes_max = 100});
  RestartDecision last{};
  for (int i = 0; i < 20; ++i) last = policy.crashed(kStart + i * 1ms);
  EXPECT_EQ(last.after, 50ms);
}

}  // namespace
}  // namespace mosaic::cluster
