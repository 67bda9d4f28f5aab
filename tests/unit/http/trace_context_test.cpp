#include "http/trace_context.hpp"

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mosaic::http {
namespace {

constexpr auto kTraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

std::string parent(const std::string& flags) {
  return fmt::format("00-{}-00f067aa0ba902b7-{}", kTraceId, flags);
}

TEST(TraceContext, KeepsTheTraceOfAValidTraceparentWithASpanOfItsOwn) {
  const auto trace = trace_of(parent("01"));
  EXPECT_EQ(trace.trace_id, kTraceId);
  EXPECT_TRUE(trace.sampled);
  EXPECT_NE(trace.span_id, "00f067aa0ba902b7");
  EXPECT_EQ(traceparent_of(trace), fmt::format("00-{}-{}-01", kTraceId, trace.span_id));
  // What this version gives is what it takes.
  EXPECT_EQ(trace_of(traceparent_of(trace)).trace_id, kTraceId);
}

TEST(TraceContext, TakesLaterVersionsThatSayMore) {
  EXPECT_EQ(trace_of(fmt::format("01-{}-00f067aa0ba902b7-01-more", kTraceId)).trace_id, kTraceId);
}

/// Bits that version 00 does not define must not be passed on (section 3.2.2.5).
TEST(TraceContext, KeepsTheSampledFlagOnly) {
  EXPECT_FALSE(trace_of(parent("00")).sampled);
  EXPECT_FALSE(trace_of(parent("02")).sampled);
  EXPECT_TRUE(trace_of(parent("03")).sampled);
  EXPECT_TRUE(trace_of(parent("ff")).sampled);
}

TEST(TraceContext, IsRandomWithoutAValidTraceparent) {
  for (const std::string bad : {"", "x", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"}) {
    const auto trace = trace_of(bad);
    EXPECT_EQ(trace.trace_id.size(), 32U) << bad;
    EXPECT_EQ(trace.trace_id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(trace.span_id.size(), 16U);
    EXPECT_FALSE(trace.sampled);
    EXPECT_NE(trace.trace_id, trace_of(bad).trace_id);
    EXPECT_NE(trace.trace_id, kTraceId) << bad;
  }
}

TEST(TraceContext, NeverRepeatsItself) {
  std::set<std::string> ids;
  for (int i = 0; i < 1'000; ++i) {
    const auto trace = trace_of("");
    ids.insert(trace.trace_id);
    ids.insert(trace.span_id);
  }
  EXPECT_EQ(ids.size(), 2'000U);
}

}  // namespace
}  // namespace mosaic::http
