#include "cli/bench/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/bench/plot.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

const TimePoint kBegin = TimePoint{} + std::chrono::seconds(1'000);

class BenchReport : public testing::Test {
 protected:
  BenchReport() {
    arguments_.collection = "a <b> & \"c\"";
    arguments_.duration = milliseconds(2'000);
    for (int i = 0; i < 100; ++i) add(Operation::kText, i, 200);
    for (int i = 0; i < 10; ++i) add(Operation::kWrite, i, i == 0 ? 503 : 200);
    add(Operation::kWrite, 1'990, 0);
    tally_.finish();
  }

  void add(Operation operation, int at_ms, int status) {
    BenchAnswer answer{.operation = operation,
                       .due = kBegin + milliseconds(at_ms),
                       .free_since = kBegin,
                       .sent = kBegin + milliseconds(at_ms),
                       .answered = kBegin + milliseconds(at_ms + 10),
                       .status = status,
                       .bytes_sent = 3,
                       .bytes_received = 5};
    if (!answer.ok()) answer.code = status == 0 ? "unavailable" : "overloaded";
    tally_.add(answer);
  }

  BenchResults results() const {
    return {.arguments = arguments_, .tally = tally_, .seed = 7, .recall = recall_};
  }

  BenchArguments arguments_;
  BenchTally tally_{kBegin, milliseconds(100)};
  std::optional<RecallFigures> recall_;
};

TEST_F(BenchReport, JsonAddsUp) {
  const auto json = Json::parse(bench_json(results()));
  EXPECT_EQ(json["requests"], 111);
  EXPECT_EQ(json["ok"], 109);
  EXPECT_EQ(json["errors"], 2);
  EXPECT_EQ(json["statuses"], Json({{"none", 1}, {"200", 109}, {"503", 1}}));
  EXPECT_EQ(json["codes"], Json({{"unavailable", 1}, {"overloaded", 1}}));
  EXPECT_EQ(json["bytes_sent"], 333);
  EXPECT_EQ(json["operations"].size(), 2U);
  EXPECT_EQ(json["operations"]["text"]["requests"], 100);
  EXPECT_EQ(json["operations"]["write"]["errors"], 2);
  EXPECT_EQ(json["latency_ms"]["p50"], 10.0);
  EXPECT_EQ(json["loop"], "closed");
  EXPECT_TRUE(json["rate_per_s"].is_null());
  EXPECT_TRUE(json["recall"].is_null());
  int over_time = 0;
  for (const auto& interval : json["over_time"]) over_time += interval["requests"].get<int>();
  EXPECT_EQ(over_time, 111);
}

TEST_F(BenchReport, JsonSaysTheRateAndTheRecall) {
  arguments_.rate_per_s = 50;
  recall_ = RecallFigures{.queries = 4, .skipped = 1, .mean = 0.975, .min = 0.9};
  const auto json = Json::parse(bench_json(results()));
  EXPECT_EQ(json["loop"], "open");
  EXPECT_EQ(json["rate_per_s"], 50);
  EXPECT_EQ(json["recall"],
            Json({{"k", 10}, {"queries", 4}, {"skipped", 1}, {"mean", 0.975}, {"min", 0.9}}));
}

TEST_F(BenchReport, TheTableHasARowForEachOperationAndForAll) {
  const auto table = bench_table(results(), {});
  EXPECT_NE(table.find("\ntext "), std::string::npos) << table;
  EXPECT_NE(table.find("\nwrite "), std::string::npos);
  EXPECT_NE(table.find("\nall "), std::string::npos);
  EXPECT_EQ(table.find("\nhybrid "), std::string::npos);
  EXPECT_NE(table.find("no answer: 1, 200: 109, 503: 1"), std::string::npos) << table;
  EXPECT_EQ(table.find("client lag"), std::string::npos);
}

TEST_F(BenchReport, TheTableOfAnOpenLoopShowsWhatWaited) {
  arguments_.rate_per_s = 50;
  auto open = results();
  open.unsent = 12;
  const auto table = bench_table(open, {});
  EXPECT_NE(table.find("waiting"), std::string::npos);
  EXPECT_NE(table.find("client lag"), std::string::npos);
  EXPECT_NE(table.find("12 requests were due"), std::string::npos) << table;
}

/// Tags are balanced, and no bare "&" or "<" is left of a name.
void expect_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (auto at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const auto end = xml.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const auto tag = xml.substr(at + 1, end - at - 1);
    ASSERT_EQ(tag.find('<'), std::string::npos) << tag;
    if (tag.back() == '/') continue;
    if (tag.front() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
      continue;
    }
    ASSERT_FALSE(open.empty());
    ASSERT_EQ(tag.substr(1), open.back());
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(xml.find("nan"), std::string::npos);
  EXPECT_EQ(xml.find("inf"), std::string::npos);
}

TEST_F(BenchReport, ThePlotIsWellFormedAndEscapesNames) {
  const auto svg = bench_plot(results());
  expect_well_formed(svg);
  EXPECT_NE(svg.find("a &lt;b&gt; &amp; &quot;c&quot;"), std::string::npos);
  EXPECT_NE(svg.find("latency, ms"), std::string::npos);
  EXPECT_NE(svg.find("requests per second"), std::string::npos);
  EXPECT_NE(svg.find("errors</text>"), std::string::npos);
}

TEST_F(BenchReport, ARunWithoutAnswersHasATableJsonAndPlotAllTheSame) {
  const BenchTally none(kBegin, milliseconds(100));
  const BenchResults results{.arguments = arguments_, .tally = none};
  EXPECT_NE(bench_table(results, {}).find("statuses     none"), std::string::npos);
  EXPECT_EQ(Json::parse(bench_json(results))["requests"], 0);
  expect_well_formed(bench_plot(results));
}

}  // namespace
}  // namespace mosaic::cli
