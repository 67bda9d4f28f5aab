#include "base/watchdog.hpp"

#include <gtest/gtest.h>

#include <future>

namespace mosaic {
namespace {

TEST(Watchdog, CallsBackWhenWhatItWatchesIsStuck) {
  std::promise<void> called;
  Watchdog watchdog(std::chrono::milliseconds(1), [&] { called.set_value(); });
  EXPECT_EQ(called.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
}

TEST(Watchdog, StaysQuietWhenTheEndComesInTime) {
  bool called = false;
  {
    Watchdog watchdog(std::chrono::hours(1), [&] { called = true; });
  }
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace mosaic
