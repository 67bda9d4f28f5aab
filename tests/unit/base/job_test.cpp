#include "mosaic/job.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mosaic {
namespace {

std::string refusal(const PageRankOptions& options) {
  const auto checked = validate(options);
  return checked ? "" : checked.error().detail;
}

TEST(PageRankOptions, StandardOnesAreFine) {
  EXPECT_TRUE(validate(PageRankOptions{}));
}

TEST(PageRankOptions, DampingGoesFromZeroToBelowOne) {
  EXPECT_TRUE(validate({.damping = 0}));
  EXPECT_TRUE(validate({.damping = std::nextafter(1.0, 0.0)}));
  EXPECT_EQ(refusal({.damping = 1}), "damping is 1, must be at least 0 and below 1");
  EXPECT_EQ(refusal({.damping = -0.5}), "damping is -0.5, must be at least 0 and below 1");
  EXPECT_EQ(refusal({.damping = std::nan("")}), "damping is nan, must be at least 0 and below 1");
}

TEST(PageRankOptions, IterationsHaveALimit) {
  EXPECT_TRUE(validate({.iterations = 1}));
  EXPECT_TRUE(validate({.iterations = kPageRankIterationsMax}));
  EXPECT_EQ(refusal({.iterations = 0}), "iterations is 0, must be 1 to 10000");
  EXPECT_EQ(refusal({.iterations = kPageRankIterationsMax + 1}),
            "iterations is 10001, must be 1 to 10000");
}

TEST(PageRankOptions, ToleranceIsFiniteAndNotNegative) {
  EXPECT_TRUE(validate({.tolerance = 0}));
  EXPECT_EQ(refusal({.tolerance = -1e-9}),
            "tolerance is -1e-09, must be a finite number of at least 0");
  EXPECT_EQ(refusal({.tolerance = std::numeric_limits<double>::infinity()}),
            "tolerance is inf, must be a finite number of at least 0");
  EXPECT_FALSE(validate({.tolerance = std::nan("")}));
}

TEST(JobState, IsSpelledAsInTheContract) {
  EXPECT_EQ(to_string(JobState::kRunning), "running");
  EXPECT_EQ(to_string(JobState::kDone), "done");
  EXPECT_EQ(to_string(JobState::kFailed), "failed");
  EXPECT_EQ(to_string(JobState::kCancelled), "cancelled");
}

}  // namespace
}  // namespace mosaic
