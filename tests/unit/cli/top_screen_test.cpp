#include "cli/top/screen.hpp"

#include "cli/text_width.hpp"
#include "cli/top/json.hpp"
#include "cli/top/numbers.hpp"
#include "cli/top/watch.hpp"
#include "top_fixture.hpp"

namespace mosaic::cli::top {
namespace {

using namespace std::chrono_literals;

View view_of(const Sample& before, const Sample& now) {
  View view;
  view.url = "http://127.0.0.1:4040";
  view.figures = figures_of(before, now);
  view.history.add(*view.figures);
  view.keys = true;
  return view;
}

View busy_view(std::string_view health = "", int shards = 3) {
  return view_of(sample_of(0, node_text(100, shards)),
                 sample_of(2, node_text(300, shards), health));
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

std::size_t row_of(const std::vector<std::string>& lines, const std::string& word) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find(word) != std::string::npos) return i;
  }
  ADD_FAILURE() << "no line has '" << word << "':\n" << joined(lines);
  return lines.size();
}

TEST(TopScreen, ShowsEverySectionWhereThereIsRoom) {
  const auto lines = render_screen(busy_view(kDegraded), {120, 60}, false);
  const auto text = joined(lines);
  for (const auto* word : {"north",
                           "degraded",
                           "0.1.0",
                           "1 d 2:03:04",
                           "150 MiB of 4.0 GiB",
                           "cpu 10000%",
                           "42 of 1,024",
                           "30 GiB of 300 GiB",
                           "7 of 10,000",
                           "POST …/search",
                           "5xx/s",
                           "hybrid",
                           "embed",
                           "candidates",
                           "60 of 64",
                           "81,234",
                           "lag 3",
                           "1.0 MiB of 64 MiB",
                           "packages/2",
                           "parked",
                           "the file is damaged: page 7",
                           "filter 100%",
                           "PARTS",
                           "q quit"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
  }
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(TopScreen, RatesAndQuantilesAreOfTheInterval) {
  const auto lines = render_screen(busy_view(), {120, 60}, false);
  const auto& row = lines[row_of(lines, "POST …/search")];
  EXPECT_NE(row.find(" 100 "), std::string::npos) << row;
  EXPECT_NE(row.find("5.50 ms"), std::string::npos) << row;  // Half way from 1 to 10 ms.
}

TEST(TopScreen, ShardsThatFailStandFirst) {
  const auto lines = render_screen(busy_view(kDegraded), {100, 50}, false);
  EXPECT_LT(row_of(lines, "packages/2"), row_of(lines, "packages/0"));
  EXPECT_EQ(row_of(lines, "page 7"), row_of(lines, "packages/2") + 1);
}

TEST(TopScreen, ShardsAreSortedByLoadDocumentsOrName) {
  auto view = busy_view("", 12);
  auto lines = render_screen(view, {100, 60}, false);
  EXPECT_LT(row_of(lines, "packages/11"), row_of(lines, "packages/2"));
  view.order = next(view.order);
  lines = render_screen(view, {100, 60}, false);
  EXPECT_LT(row_of(lines, "packages/0"), row_of(lines, "packages/11"));
  view.order = next(view.order);
  lines = render_screen(view, {100, 60}, false);
  EXPECT_LT(row_of(lines, "packages/2"), row_of(lines, "packages/10"));
  EXPECT_EQ(next(view.order), ShardOrder::kLoad);
}

TEST(TopScreen, ASmallTerminalKeepsWhatMattersMost) {
  const auto lines = render_screen(busy_view(kDegraded, 40), {80, 24}, false);
  const auto text = joined(lines);
  EXPECT_LE(lines.size(), 24U);
  for (const auto* word : {"degraded", "REQUESTS", "SEARCH", "INGEST", "SHARDS", "packages/2",
                           "page 7", "CACHES", "q quit", "lines more"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
  }
}

TEST(TopScreen, TheLastRowsGoToTheHeadAndTheAlarms) {
  auto view = busy_view();
  view.trouble = "no answer from http://127.0.0.1:4040 for 12 s: connection refused";
  const auto lines = render_screen(view, {80, 2}, false);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("north"), std::string::npos);
  EXPECT_NE(lines[1].find("for 12 s"), std::string::npos);
}

TEST(TopScreen, SaysWhatIsWrongInRed) {
  auto text =
      node_text(300) + "mosaic_limit_reached{limit=\"disk_free\"} 1\n" +
      "mosaic_limit_refusals_total{limit=\"disk_free\"} 8\nmosaic_part_up{part=\"ranker\"} 0\n" +
      "mosaic_part_restarts_total{part=\"shard\"} 2\n" +
      "mosaic_admission_overloaded{door=\"search\"} 1\nmosaic_ready 0\n";
  const auto view = view_of(sample_of(0, node_text(100)), sample_of(2, text));
  const auto lines = render_screen(view, {100, 40}, true);
  for (const auto* word : {"limit reached: disk_free; writes are refused (4.0/s)", "down: ranker",
                           "overloaded: the search door", "NOT READY"}) {
    const auto& row = lines[row_of(lines, word)];
    EXPECT_NE(row.find("\x1b[1;31m"), std::string::npos) << row;
  }
  EXPECT_NE(joined(lines).find("restarted: shard (2 times"), std::string::npos);
}

TEST(TopScreen, AnOlderNodeShowsNoNumbersAndCrashesNothing) {
  const auto empty = sample_of(0, "");
  const auto text = joined(render_screen(view_of(empty, sample_of(1, "")), {100, 40}, false));
  for (const auto* word : {"unknown", "memory -", "documents -/s", "REQUESTS", "CACHES"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
  }
  const auto parsed = figures_json(figures_of(empty, empty), "http://x");
  EXPECT_NE(parsed.find("\"p99_s\":null"), std::string::npos);
}

/// Series of the catalogue's names with labels and values that no node should send.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> kWords = {
      "packages",  "文書のコレクション", "e\u0301", "🙂", "", "a\\\\b\\\"c\\n", "_other",
      "x\x1b[2Jy", std::string(200, 'w')};
  static const std::vector<std::string> kValues = {"0",    "1",     "-5",  "NaN",        "+Inf",
                                                   "-Inf", "1e300", "0.3", "12345678901"};
  auto text =
      random() % 4 == 0 ? std::string() : node_text(static_cast<int>(random() % 100'000), 2);
  const auto word = [&] { return kWords[random() % kWords.size()]; };
  const auto value = [&] { return kValues[random() % kValues.size()]; };
  for (auto i = random() % 40; i > 0; --i) {
    const auto labels = "{collection=\"" + word() + "\",shard=\"" + word() + "\"} ";
    text += "mosaic_shard_up" + labels + value() + "\n";
    text += "mosaic_shard_documents" + labels + value() + "\n";
    text += "mosaic_shard_search_duration_seconds_count" + labels + value() + "\n";
    text += "mosaic_http_requests_total{route=\"" + word() + "\",method=\"" + word() +
            "\",status=\"" + word() + "\"} " + value() + "\n";
    text += "mosaic_search_duration_seconds_bucket{mode=\"" + word() + "\",le=\"" + value() +
            "\"} " + value() + "\n";
    text += "mosaic_part_up{part=\"" + word() + "\"} " + value() + "\n";
    text += "mosaic_limit_reached{limit=\"" + word() + "\"} " + value() + "\n";
    text +=
        "mosaic_cache_requests_total{cache=\"" + word() + "\",result=\"hit\"} " + value() + "\n";
    text += "process_cpu_seconds_total " + value() + "\n";
  }
  return text;
}

TEST(TopScreen, NoLineIsWiderThanTheTerminalWhateverTheNodeSays) {
  const auto seed = test_seed();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    auto view = view_of(sample_of(0, random_text(random)),
                        sample_of(static_cast<double>(random() % 3), random_text(random),
                                  random() % 2 == 0 ? kDegraded : ""));
    for (auto i = random() % 80; i > 0; --i) view.history.add(*view.figures);
    if (random() % 3 == 0)
      view.trouble = "no answer\nfrom 文書 " + std::string(random() % 200, 'x');
    if (random() % 9 == 0) view.figures.reset();
    view.order = static_cast<ShardOrder>(random() % 3);
    const ScreenSize size{random() % 200, random() % 70};
    const auto lines = render_screen(view, size, false);
    ASSERT_LE(lines.size(), size.rows);
    for (const auto& line : lines) {
      ASSERT_LE(text_width(line), size.columns) << line;
      ASSERT_EQ(line.find_first_of("\x1b\n\r"), std::string::npos);
    }
    ASSERT_EQ(render_line(view).find_first_of("\x1b\n\r"), std::string::npos);
  }
}

TEST(TopLine, HoldsTheNumbersThatMatterMost) {
  const auto line = render_line(busy_view(kDegraded));
  EXPECT_EQ(line.find("north: degraded, 100 req/s, 0 failed/s, p50 5.50 ms"), 0U) << line;
  EXPECT_NE(line.find("cache hits 100%"), std::string::npos) << line;
}

TEST(TopNumbers, AreShort) {
  EXPECT_EQ(count_text(63436), "63,436");
  EXPECT_EQ(count_text(1234567), "1.2M");
  EXPECT_EQ(count_text(std::nullopt), "-");
  EXPECT_EQ(rate_text(0), "0");
  EXPECT_EQ(rate_text(0.25), "0.25");
  EXPECT_EQ(rate_text(12.345), "12.3");
  EXPECT_EQ(rate_text(1234.2), "1,234");
  EXPECT_EQ(seconds_text(0.00085), "850 µs");
  EXPECT_EQ(seconds_text(0.00214), "2.14 ms");
  EXPECT_EQ(seconds_text(0.0214), "21.4 ms");
  EXPECT_EQ(seconds_text(0.214), "214 ms");
  EXPECT_EQ(seconds_text(1.2), "1.20 s");
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(1.5 * 1024 * 1024), "1.5 MiB");
  EXPECT_EQ(percent_text(0.873), "87%");
  EXPECT_EQ(uptime_text(3723), "1:02:03");
  EXPECT_EQ(uptime_text(93784), "1 d 2:03:04");
}

TEST(TopWatch, NeedsTwoAnswersForRates) {
  Watch watch("http://x", 1s, at_s(0));
  EXPECT_FALSE(watch.view(at_s(0)).figures);
  watch.take(sample_of(1, node_text(100)));
  EXPECT_FALSE(watch.view(at_s(1)).figures);
  watch.take(sample_of(2, node_text(300)));
  EXPECT_EQ(watch.view(at_s(2)).figures->ingest.upserted_per_s, 200);
}

TEST(TopWatch, SaysHowLongThereWasNoAnswerAndGoesOnWhenThereIs) {
  Watch watch("http://x", 1s, at_s(0));
  watch.take(sample_of(1, node_text(100)));
  watch.take(sample_of(2, node_text(300)));
  watch.take(Error{ErrorCode::kUnavailable, "connection refused"});
  EXPECT_EQ(watch.view(at_s(14.5)).trouble, "no answer from http://x for 12 s: connection refused");
  EXPECT_TRUE(watch.view(at_s(14.5)).figures) << "the last numbers stay";
  EXPECT_EQ(watch.view(at_s(14.5)).history.p99_s().back(), std::nullopt);
  watch.take(sample_of(20, "process_start_time_seconds 2000\n" + node_text(30)));
  EXPECT_EQ(watch.view(at_s(20)).trouble, "");
}

TEST(TopWatch, StandsStillWhilePaused) {
  Watch watch("http://x", 1s, at_s(0));
  watch.take(sample_of(1, node_text(100)));
  watch.take(sample_of(2, node_text(300)));
  watch.pause_or_go_on();
  watch.take(sample_of(3, node_text(900)));
  EXPECT_EQ(watch.view(at_s(3)).figures->ingest.upserted_per_s, 200);
  EXPECT_TRUE(watch.view(at_s(3)).paused);
  watch.pause_or_go_on();
  watch.take(sample_of(4, node_text(900)));
  EXPECT_EQ(watch.view(at_s(4)).figures->ingest.upserted_per_s, 300);
}

TEST(TopHistory, KeepsTheLastIntervals) {
  History history;
  for (std::size_t i = 0; i < kHistoryMax + 5; ++i) history.add_gap();
  EXPECT_EQ(history.requests_per_s().size(), kHistoryMax);
}

}  // namespace
}  // namespace mosaic::cli::top
