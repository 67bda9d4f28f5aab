#include "actors/write_watch.hpp"

#include <gtest/gtest.h>

#include <future>

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;
using cluster::WriteKind;

struct WriteWatchTest : testing::Test {
  cluster::Usage usage;
  int measured = 0;
  int released = 0;
  TimePoint now{1h};
  metrics::NodeMetricsPtr node_metrics = std::make_shared<metrics::NodeMetrics>();
  write_watch watch{limits(),
                    {[this] {
                       ++measured;
                       return usage;
                     },
                     [this] { ++released; }},
                    node_metrics};

  static NodeSettings::Limits limits() {
    NodeSettings::Limits limits;
    limits.memory = 1'000;
    limits.disk_free = 1'000;
    limits.collection_documents = 7;
    return limits;
  }

  Status check(WriteKind kind) {
    watch.look(now);
    return watch.check(kind);
  }
  bool allows(WriteKind kind) { return check(kind).ok(); }

  void pass(std::chrono::milliseconds time) { now += time; }

  bool metrics_say(const std::string& line) {
    return node_metrics->text().find(line + "\n") != std::string::npos;
  }
};

TEST_F(WriteWatchTest, RefusesWithTheErrorOfTheLimitAndRecoversByItself) {
  usage.resident_bytes = 2'000;
  EXPECT_EQ(check(WriteKind::kGrow).error().code, ErrorCode::kOverloaded);
  EXPECT_TRUE(allows(WriteKind::kDelete) && allows(WriteKind::kDrop));
  usage.resident_bytes = 900;
  EXPECT_TRUE(allows(WriteKind::kGrow));
  usage.disk_free_bytes = 600;
  EXPECT_EQ(check(WriteKind::kGrow).error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(allows(WriteKind::kDelete));
  usage.disk_free_bytes = 400;
  EXPECT_FALSE(allows(WriteKind::kDelete));
  EXPECT_TRUE(allows(WriteKind::kDrop));
  usage.disk_free_bytes = 2'000;
  EXPECT_TRUE(allows(WriteKind::kGrow));
}

TEST_F(WriteWatchTest, TellsTheMetrics) {
  EXPECT_TRUE(metrics_say("mosaic_limit{limit=\"memory\"} 1000"));
  EXPECT_TRUE(metrics_say("mosaic_limit{limit=\"disk_free\"} 1000"));
  EXPECT_TRUE(metrics_say("mosaic_limit{limit=\"documents\"} 7"));
  usage.disk_free_bytes = 0;
  allows(WriteKind::kGrow);
  allows(WriteKind::kDelete);
  EXPECT_TRUE(metrics_say("mosaic_limit_reached{limit=\"disk_free\"} 1"));
  EXPECT_TRUE(metrics_say("mosaic_limit_reached{limit=\"memory\"} 0"));
  EXPECT_TRUE(metrics_say("mosaic_limit_refusals_total{limit=\"disk_free\"} 2"));
  usage.disk_free_bytes = 2'000;
  watch.look(now);
  EXPECT_TRUE(metrics_say("mosaic_limit_reached{limit=\"disk_free\"} 0"));
}

TEST_F(WriteWatchTest, GivesMemoryBackNowAndThenWhileTheLimitIsReached) {
  watch.look(now);
  EXPECT_EQ(released, 0);
  usage.resident_bytes = 2'000;
  watch.look(now);
  EXPECT_EQ(released, 1);
  watch.look(now);
  EXPECT_EQ(released, 1);
  pass(kReleaseInterval);
  watch.look(now);
  EXPECT_EQ(released, 2);
}

TEST_F(WriteWatchTest, WithoutLimitsNobodyMeasures) {
  NodeSettings::Limits none;
  none.disk_free = 0;
  write_watch idle(none,
                   {[this] {
                      ++measured;
                      return usage;
                    },
                    [] {}},
                   node_metrics);
  idle.start();
  EXPECT_TRUE(idle.check(WriteKind::kGrow));
  EXPECT_EQ(measured, 0);
}

TEST_F(WriteWatchTest, OnceStartedItMeasuresByItself) {
  std::promise<void> measured_again;
  int times = 0;
  write_watch watching(limits(),
                       {[&] {
                          if (++times == 2) measured_again.set_value();
                          return cluster::Usage{2'000, 2'000};
                        },
                        [] {}},
                       node_metrics);
  watching.start();
  EXPECT_EQ(watching.check(WriteKind::kGrow).error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(measured_again.get_future().wait_for(60s), std::future_status::ready);
}

}  // namespace
}  // namespace mosaic::actors
