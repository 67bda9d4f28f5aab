// Our functions answer as SQLite's own do: random calls are asked on a connection with ours and on
// one without.
#include "storage/sandbox_functions.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <random>

#include "storage/heap_budget.hpp"
#include "storage/pattern.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

class SandboxFunctionsTest : public ::testing::Test {
 protected:
  SandboxFunctionsTest() { register_sandbox_functions(ours_, &deadline_); }

  static std::string ask(Database& database, const std::string& call) {
    try {
      auto select = database.prepare(fmt::format("SELECT quote({})", call));
      select.step();
      return std::string(select.column_text(0));
    } catch (const Failure& failure) {
      const std::string words = failure.what();
      return words.substr(words.find(':'), words.find("(while") - words.find(':'));
    }
  }

  void expect_same(const std::string& call) {
    EXPECT_EQ(ask(ours_, call), ask(plain_, call)) << call << ", seed " << kSeed;
  }

  std::string pick(const std::vector<std::string>& from, std::size_t count_max) {
    std::string text;
    for (auto left = random_() % (count_max + 1); left > 0; --left) {
      text += from[random_() % from.size()];
    }
    return text;
  }

  static std::string quoted(const std::string& text) { return "'" + text + "'"; }

  static constexpr unsigned kSeed = 11;
  test::TemporaryFolder folder_;
  Database plain_{folder_ / "plain.sqlite", OpenMode::kCreate};
  Database ours_{folder_ / "ours.sqlite", OpenMode::kCreate};
  Deadline deadline_;
  std::mt19937 random_{kSeed};
};

TEST_F(SandboxFunctionsTest, AnswerAsSqliteDoesAtTheEdges) {
  const std::vector<std::string> values = {"NULL", "''",    "'a'",     "'A'",      "'aé€😀'",
                                           "x''",  "x'61'", "x'6162'", "12",       "1.5",
                                           "'%'",  "'_a%'", "'é'",     "'[a-c]*'", "'*'"};
  for (const auto& a : values) {
    for (const auto& b : values) {
      for (const auto* const name : {"like", "glob", "instr", "trim", "ltrim", "rtrim"}) {
        expect_same(fmt::format("{}({}, {})", name, a, b));
      }
      for (const auto& c : values) {
        expect_same(fmt::format("replace({}, {}, {})", a, b, c));
        expect_same(fmt::format("like({}, {}, {})", a, b, c));
      }
    }
  }
}

TEST_F(SandboxFunctionsTest, MatchRandomPatternsAsSqliteDoes) {
  const std::vector<std::string> letters = {"a", "b", "A", "é", "€", "!", "%", "_"};
  const std::vector<std::string> likes = {"a", "b", "B", "é", "€", "!", "%", "_", "%", "_"};
  const std::vector<std::string> globs = {"a",     "b",     "é",    "*",     "?",    "[ab]",
                                          "[^a]",  "[a-é]", "[]a]", "[^]b]", "[a-]", "[-b]",
                                          "[b-a]", "[",     "]",    "[^"};
  for (int i = 0; i < 1'500; ++i) {
    const auto text = quoted(pick(letters, 8));
    expect_same(fmt::format("like({}, {})", quoted(pick(likes, 6)), text));
    expect_same(fmt::format("like({}, {}, '!')", quoted(pick(likes, 6)), text));
    expect_same(fmt::format("like({}, {}, '%')", quoted(pick(likes, 6)), text));
    expect_same(fmt::format("like({}, {}, 'é')", quoted(pick(likes, 6)), text));
    expect_same(fmt::format("glob({}, {})", quoted(pick(globs, 6)), text));
  }
}

TEST_F(SandboxFunctionsTest, SearchReplaceAndTrimAsSqliteDoes) {
  const std::vector<std::string> letters = {"a", "b", "é", "€", "ab", "😀"};
  for (int i = 0; i < 1'000; ++i) {
    const auto text = quoted(pick(letters, 12));
    const auto needle = quoted(pick(letters, 3));
    expect_same(fmt::format("instr({}, {})", text, needle));
    expect_same(fmt::format("instr(CAST({} AS BLOB), CAST({} AS BLOB))", text, needle));
    expect_same(fmt::format("replace({}, {}, {})", text, needle, quoted(pick(letters, 2))));
    for (const auto* const name : {"trim", "ltrim", "rtrim"}) {
      expect_same(fmt::format("{}({}, {})", name, text, needle));
    }
  }
}

TEST_F(SandboxFunctionsTest, FindAcrossTheWindowsOfALongText) {
  Patience patience({});
  std::string text(300'000, 'a');
  for (const std::size_t at : {0UL, 65'535UL, 65'536UL, 131'071UL, 200'000UL, 299'997UL}) {
    auto marked = text;
    marked.replace(at, 3, "xyz");
    const auto found = find(marked, "xyz", 0, patience);
    EXPECT_EQ(found.match, Match::kYes);
    EXPECT_EQ(found.at, at);
    EXPECT_EQ(find(marked, "xyz", at + 1, patience).match, Match::kNo);
    EXPECT_EQ(find(marked, std::string(100'000, 'a') + "xyz", 0, patience).match,
              at >= 100'000 ? Match::kYes : Match::kNo);
  }
}

TEST_F(SandboxFunctionsTest, StopAtTheDeadlineAsInterrupted) {
  deadline_.at = TimePoint::min();
  const std::string big = "hex(zeroblob(500000))";
  for (const auto& call :
       {fmt::format("{} LIKE '%1%'", big), fmt::format("{} GLOB '*1*'", big),
        fmt::format("instr({}, '1')", big), fmt::format("replace({}, '0', 'a')", big),
        fmt::format("trim({}, '0')", big), fmt::format("ltrim({}, '0')", big),
        fmt::format("rtrim({}, '0')", big)}) {
    try {
      ours_.query_int("SELECT " + call);
      ADD_FAILURE() << call << " was not stopped";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().code, ErrorCode::kDeadlineExceeded) << failure.what();
    }
  }
}

TEST_F(SandboxFunctionsTest, ReplaceHoldsTheLengthLimit) {
  EXPECT_NE(ask(ours_, "length(replace(hex(zeroblob(50000000)), '0', hex(zeroblob(10))))")
                .find("too big"),
            std::string::npos);
}

}  // namespace
}  // namespace mosaic::storage
