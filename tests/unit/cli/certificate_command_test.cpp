#include "cli/certificate_command.hpp"

#include <fstream>

#include "unit/cli/command_fixture.hpp"

namespace mosaic::cli {
namespace {

struct CertificateCommand : testing::Test {
  mosaic::test::TemporaryFolder folder;
  std::string ca = folder / "secrets";
  std::string out = folder / "node";

  Outcome make_authority() { return run_mosaic({"cluster", "init-ca", "--out", ca}); }
  Outcome issue(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"cluster", "issue-cert", "node-1", "--ca", ca, "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return run_mosaic(words);
  }
};

TEST_F(CertificateCommand, MakesAnAuthorityAndSaysWhere) {
  const auto made = make_authority();
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_NE(made.out.find("made " + ca + "/ca.pem"), std::string::npos) << made.out;
  EXPECT_NE(made.out.find("made " + ca + "/ca-key.pem"), std::string::npos) << made.out;
  EXPECT_TRUE(std::filesystem::exists(ca + "/ca-key.pem"));
}

TEST_F(CertificateCommand, IssuesACertificateAndShowsItsSettings) {
  make_authority();
  const auto issued = issue({"--host", "10.0.0.1", "--host", "node-1.internal"});
  EXPECT_EQ(issued.exit_code, 0) << issued.err;
  const auto settings = "[cluster]\ncertificate = \"" + out + "/node-1.pem\"\nkey = \"" + out +
                        "/node-1-key.pem\"\nca = \"" + ca + "/ca.pem\"\n";
  EXPECT_NE(issued.out.find(settings), std::string::npos) << issued.out;
}

TEST_F(CertificateCommand, NeverPrintsAKey) {
  const auto said = make_authority().out + issue().out;
  EXPECT_EQ(said.find("PRIVATE"), std::string::npos);
  EXPECT_EQ(said.find("-----"), std::string::npos);
}

TEST_F(CertificateCommand, RefusesToOverwrite) {
  make_authority();
  const auto again = make_authority();
  EXPECT_EQ(again.exit_code, kExitFailed);
  EXPECT_NE(again.err.find("ca.pem' is there already"), std::string::npos) << again.err;
}

TEST_F(CertificateCommand, NeedsAnAuthority) {
  const auto issued = issue();
  EXPECT_EQ(issued.exit_code, kExitFailed);
  EXPECT_NE(issued.err.find("there is no '" + ca + "/ca.pem'"), std::string::npos) << issued.err;
}

TEST_F(CertificateCommand, TakesABadNameOrHostForWrongUsage) {
  make_authority();
  EXPECT_EQ(run_mosaic({"cluster", "issue-cert", "../up", "--ca", ca}).exit_code, kExitUsage);
  const auto issued = issue({"--host", "10.0.0.1:4041"});
  EXPECT_EQ(issued.exit_code, kExitUsage);
  EXPECT_NE(issued.err.find("host '10.0.0.1:4041'"), std::string::npos) << issued.err;
}

TEST_F(CertificateCommand, NeedsAName) {
  EXPECT_EQ(run_mosaic({"cluster", "issue-cert"}).exit_code, kExitUsage);
}

TEST_F(CertificateCommand, IsExplained) {
  const auto help = run_mosaic({"cluster", "issue-cert", "--help"});
  EXPECT_EQ(help.exit_code, kExitDone);
  EXPECT_NE(help.out.find("--host"), std::string::npos);
}

}  // namespace
}  // namespace mosaic::cli
