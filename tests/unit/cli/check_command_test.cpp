#include "cli/check_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/app.hpp"

namespace mosaic::cli {
namespace {

struct Told {
  int exit_code = -1;
  std::string out, err;
  std::string folder;
  bool repair = false;
};

Told check(std::vector<std::string> words, const Result<CheckReport>& answer) {
  std::ostringstream out, err;
  const Console console{out, err, {}, {}};
  Told told;
  words.insert(words.begin(), "check");
  told.exit_code =
      run(words, {}, console, nullptr,
          [&](const std::filesystem::path& folder, bool repair, CheckProgress& progress) {
            told.folder = folder.string();
            told.repair = repair;
            progress.bytes_total = 10;
            return answer;
          });
  told.out = out.str();
  told.err = err.str();
  return told;
}

CheckReport one_of_each() {
  CheckReport report;
  report.files = 4;
  report.documents = 1'200;
  report.findings = {
      {Severity::kNote, "a", "", "it is missing", "", "", Remedy::kNone},
      {Severity::kDerived, "b", "page 7", "damaged", "", "", Remedy::kRebuild},
      {Severity::kTruth, "c", "", "damaged", "document x", "", Remedy::kNone},
  };
  return report;
}

TEST(CheckCommand, SaysOneLineForASoundFolder) {
  CheckReport report;
  report.files = 2;
  const auto told = check({"somewhere"}, report);
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_EQ(told.folder, "somewhere");
  EXPECT_FALSE(told.repair);
  EXPECT_EQ(told.out.find("sound: 2 files"), 0U) << told.out;
  EXPECT_EQ(std::count(told.out.begin(), told.out.end(), '\n'), 1);
}

TEST(CheckCommand, SaysWhatIsDamagedWhereAndWhatIsLost) {
  const auto told = check({"d"}, one_of_each());
  EXPECT_EQ(told.exit_code, 1);
  EXPECT_NE(told.out.find("note: a: it is missing\n"), std::string::npos) << told.out;
  EXPECT_NE(told.out.find("damaged: b, page 7: damaged. Nothing is lost"), std::string::npos);
  EXPECT_NE(told.out.find("damaged: c: damaged. Lost: document x\n"), std::string::npos);
  EXPECT_NE(told.out.find("2 damaged, 0 repaired"), std::string::npos);
}

TEST(CheckCommand, IsDoneWhenAllWasRepaired) {
  auto report = one_of_each();
  report.findings.pop_back();
  report.findings.back().repaired = "made anew";
  const auto told = check({"d", "--repair"}, report);
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_TRUE(told.repair);
  EXPECT_NE(told.out.find("Repaired: made anew"), std::string::npos) << told.out;
  EXPECT_NE(told.out.find("sound again"), std::string::npos) << told.out;
}

TEST(CheckCommand, GivesJsonToPrograms) {
  const auto told = check({"d", "--json"}, one_of_each());
  EXPECT_EQ(told.exit_code, 1);
  const auto report = nlohmann::json::parse(told.out);
  EXPECT_EQ(report["sound"], false);
  EXPECT_EQ(report["documents"], 1'200);
  ASSERT_EQ(report["findings"].size(), 3U);
  EXPECT_EQ(report["findings"][1]["severity"], "derived");
  EXPECT_EQ(report["findings"][2]["lost"], "document x");
}

TEST(CheckCommand, TakesAFolderThatCannotBeCheckedForWrongUsage) {
  const auto told = check({"d"}, Error{ErrorCode::kUnavailable, "it is in use by a running node"});
  EXPECT_EQ(told.exit_code, 2);
  EXPECT_EQ(told.out, "");
  EXPECT_NE(told.err.find("in use"), std::string::npos);
  EXPECT_EQ(check({}, CheckReport{}).exit_code, 2);
}

}  // namespace
}  // namespace mosaic::cli
