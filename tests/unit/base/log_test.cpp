#include "base/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace mosaic::log {

/// Counts how often it is formatted.
struct Costly {
  int* formatted;
};

}  // namespace mosaic::log

template <>
struct fmt::formatter<mosaic::log::Costly> : fmt::formatter<int> {
  template <class Context>
  auto format(const mosaic::log::Costly& value, Context& context) const {
    return fmt::formatter<int>::format(++*value.formatted, context);
  }
};

namespace mosaic::log {
namespace {

namespace fs = std::filesystem;

/// Every test logs into a folder of its own, and leaves the log on stderr.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    auto pattern = (fs::temp_directory_path() / "mosaic-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    settings.file = (folder / "node.log").string();
  }
  void TearDown() override {
    count_lines({});
    ASSERT_TRUE(configure({}));
    fs::remove_all(folder);
  }

  std::vector<std::string> lines(const std::string& name = "node.log") const {
    std::ifstream file(folder / name);
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }

  fs::path folder;
  NodeSettings::Log settings;
};

TEST_F(LogTest, WritesTextWithFieldsAtTheEnd) {
  ASSERT_TRUE(configure(settings));
  info("shard {} is up", 3);
  warn("it is late", {{"collection", "docs"}, {"took_ms", 1.5}, {"partial", true}, {"why", "a b"}});
  const auto all = lines();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].substr(24), " info shard 3 is up");
  EXPECT_EQ(all[0][10], 'T');
  EXPECT_EQ(all[0][23], 'Z');
  EXPECT_EQ(all[1].substr(24),
            " warn it is late collection=docs took_ms=1.5 partial=true why=\"a b\"");
}

TEST_F(LogTest, WritesJsonOneObjectALine) {
  settings.format = "json";
  ASSERT_TRUE(configure(settings));
  error("a {} \"b\"", 1);
  warn("x", {{"n", std::uint64_t{7}}, {"s", std::string("\n")}});
  const auto all = lines();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].substr(0, 9), "{\"time\":\"");
  EXPECT_EQ(all[0].substr(33), R"(","level":"error","message":"a 1 \"b\""})");
  EXPECT_EQ(all[1].substr(33), R"(","level":"warn","message":"x","n":7,"s":"\n"})");
}

TEST_F(LogTest, LeavesOutWhatIsUnderTheLevel) {
  settings.level = "warn";
  ASSERT_TRUE(configure(settings));
  info("no");
  set_level(Level::kDebug);
  debug("yes");
  set_level(Level::kOff);
  critical("no");
  EXPECT_EQ(lines().size(), 1U);
  EXPECT_FALSE(enabled(Level::kCritical));
}

TEST_F(LogTest, FormatsNothingThatIsUnderTheLevel) {
  ASSERT_TRUE(configure(settings));
  int formatted = 0;
  debug("{}", Costly{&formatted});
  EXPECT_EQ(formatted, 0);
  info("{}", Costly{&formatted});
  EXPECT_EQ(formatted, 1);
}

TEST_F(LogTest, BeginsANewFileWhenOneIsFull) {
  settings.file_bytes_max = 1'000;
  settings.files_max = 3;
  ASSERT_TRUE(configure(settings));
  for (int i = 0; i < 100; ++i) info("line {:03}", i);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    ++files;
    EXPECT_LE(entry.file_size(), 1'000U) << entry.path();
  }
  EXPECT_EQ(files, 3U);
  EXPECT_EQ(lines().back().substr(30), "line 099");
  const auto older = std::stoi(lines("node.1.log").back().substr(35));
  EXPECT_EQ(std::stoi(lines().front().substr(35)), older + 1);
  EXPECT_TRUE(fs::exists(folder / "node.2.log"));
}

TEST_F(LogTest, WithOneFileKeepsOnlyTheNewestLines) {
  settings.file_bytes_max = 1'000;
  settings.files_max = 1;
  ASSERT_TRUE(configure(settings));
  for (int i = 0; i < 100; ++i) info("line {:03}", i);
  EXPECT_LE(fs::file_size(settings.file), 1'000U);
  EXPECT_EQ(lines().back().substr(30), "line 099");
  EXPECT_FALSE(fs::exists(folder / "node.1.log"));
}

TEST_F(LogTest, GoesOnInTheFileThatIsThere) {
  ASSERT_TRUE(configure(settings));
  info("one");
  ASSERT_TRUE(configure(settings));
  info("two");
  EXPECT_EQ(lines().size(), 2U);
}

TEST_F(LogTest, NamesTheFileThatCannotBeOpened) {
  settings.file = folder.string();
  const auto configured = configure(settings);
  ASSERT_FALSE(configured);
  EXPECT_EQ(configured.error().detail.find("log.file '" + folder.string() + "' cannot be opened: "),
            0U);
}

/// /dev/full takes nothing, as a disk that is full.
TEST_F(LogTest, GoesOnWhenALineCannotBeWritten) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  fs::create_symlink("/dev/full", settings.file);
  ASSERT_TRUE(configure(settings));
  for (int i = 0; i < 3; ++i) warn("lost {}", i);
  fs::remove(settings.file);
  // Opened anew within about a second of the failure.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (lines().empty() && std::chrono::steady_clock::now() < end) {
    warn("again");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto all = lines();
  ASSERT_GE(all.size(), 2U);
  EXPECT_NE(all[0].find("again"), std::string::npos);
  EXPECT_NE(all[1].find(" log lines could not be written"), std::string::npos);
}

TEST_F(LogTest, CountsLinesFromWarnOn) {
  ASSERT_TRUE(configure(settings));
  std::vector<Level> counted;
  count_lines([&](Level level) { counted.push_back(level); });
  info("a");
  warn("b");
  error("c");
  critical("d");
  set_level(Level::kOff);
  error("e");
  EXPECT_EQ(counted, (std::vector<Level>{Level::kWarn, Level::kError, Level::kCritical}));
}

TEST(Utf8, ReplacesBytesThatAreNone) {
  EXPECT_EQ(to_utf8("a\xc3\xa9z"), "a\xc3\xa9z");
  EXPECT_EQ(to_utf8("cut \xc3"), "cut ?");
  EXPECT_EQ(to_utf8("\xff\xfe|\xe2\x82|\xed\xa0\x80"), "??|??|???");
}

}  // namespace
}  // namespace mosaic::log
