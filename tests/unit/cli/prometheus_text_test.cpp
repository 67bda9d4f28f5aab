#include "cli/top/prometheus_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mosaic::cli {
namespace {

Families parsed(std::string_view text) {
  auto families = parse_prometheus_text(text);
  EXPECT_TRUE(families.ok()) << families.error().detail;
  return families ? *families : Families{};
}

std::string refusal(std::string_view text) {
  const auto families = parse_prometheus_text(text);
  return families ? "no error" : families.error().detail;
}

TEST(PrometheusText, ReadsSeriesWithAndWithoutLabels) {
  const auto families = parsed(
      "# HELP a_total What it is\n# TYPE a_total counter\n"
      "a_total{route=\"/x\",method=\"GET\"} 1027 1395066363000\n"
      "a_total{method=\"POST\",route=\"/x\",} 3\n"
      "\n"
      "  up   1  \n"
      "a:b_1{ x = \"1\" , y=\"2\" }\t-2.5e-3\r\n");
  EXPECT_EQ(families.at("a_total").at({{"method", "GET"}, {"route", "/x"}}), 1027);
  EXPECT_EQ(families.at("a_total").at({{"method", "POST"}, {"route", "/x"}}), 3);
  EXPECT_EQ(families.at("up").at({}), 1);
  EXPECT_EQ(families.at("a:b_1").at({{"x", "1"}, {"y", "2"}}), -0.0025);
}

TEST(PrometheusText, UnderstandsTheThreeEscapesAndAnythingElseInALabel) {
  const auto families = parsed(R"(a{path="C:\\DIR\n\"x\"",name="文書, {=} 1"} 1)");
  EXPECT_EQ(families.at("a").begin()->first,
            (Labels{{"path", "C:\\DIR\n\"x\""}, {"name", "文書, {=} 1"}}));
}

TEST(PrometheusText, KnowsInfiniteNumbersAndNone) {
  const auto families = parsed("a_bucket{le=\"+Inf\"} 3\np +Inf\nm -Inf\nn NaN\nl +1.5\n");
  EXPECT_EQ(families.at("a_bucket").at({{"le", "+Inf"}}), 3);
  EXPECT_EQ(families.at("p").at({}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(families.at("m").at({}), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(families.at("n").at({})));
  EXPECT_EQ(families.at("l").at({}), 1.5);
}

TEST(PrometheusText, NothingHoldsNoSeries) {
  EXPECT_TRUE(parsed("").empty());
  EXPECT_TRUE(parsed("# EOF\n\n").empty());
}

TEST(PrometheusText, NamesTheLineThatIsNone) {
  EXPECT_EQ(refusal("a 1\n# x\nb{c=\"d} 1\ne 1\n"),
            "metrics, line 3: a label's value does not end: b{c=\"d} 1");
  for (const auto* line :
       {"1a 1", "a", "a x", "a 1 x", "a 1 2 3", "a{b} 1", "a{b=1} 1", "a{b=\"1\" c=\"2\"} 1",
        "a{b=\"1\"", "a{b=\"\\t\"} 1", "a{b=\"1\\", "a{,} 1", "{} 1", "a +-1", "a + 1", "<html>"}) {
    EXPECT_EQ(refusal(line).find("metrics, line 1: "), 0U) << line;
  }
}

TEST(PrometheusText, LabelsAreFoundAmongOthers) {
  const Labels labels = {{"a", "1"}, {"b", "2"}};
  EXPECT_TRUE(has_labels(labels, {}));
  EXPECT_TRUE(has_labels(labels, {{"b", "2"}}));
  EXPECT_FALSE(has_labels(labels, {{"b", "1"}}));
  EXPECT_FALSE(has_labels(labels, {{"c", ""}}));
}

}  // namespace
}  // namespace mosaic::cli
