#include "cli/app.hpp"

#include "base/failure.hpp"
#include "base/version.hpp"
#include "command_fixture.hpp"

namespace mosaic::cli {
namespace {

TEST(App, ServeGetsTheSettingsInForceAndItsExitCodeIsThePrograms) {
  NodeSettings seen;
  const auto outcome = run_mosaic({"serve", "--listen", "127.0.0.1:0"},
                                  {{"MOSAIC_LOG_LEVEL", "debug"}}, [&](const NodeSettings& s) {
                                    seen = s;
                                    return 7;
                                  });
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(seen.http.listen, "127.0.0.1:0");
  EXPECT_EQ(seen.log.level, "debug");
  EXPECT_EQ(outcome.err, "");
}

TEST(App, AFailingServeIsOneLineOnStderrAndOne) {
  const auto outcome = run_mosaic({"serve"}, {}, [](const NodeSettings&) -> int {
    throw Failure(ErrorCode::kUnavailable, "port 4040\nis in use");
  });
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "mosaic: port 4040 is in use\n");
}

TEST(App, WrongSettingsEndWithTwoBeforeAnythingIsServed) {
  const auto outcome = run_mosaic({"serve", "--http.threads", "x"}, {}, [](const NodeSettings&) {
    ADD_FAILURE();
    return 0;
  });
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err.find("mosaic: http.threads = 'x' (flag --http.threads): "), 0U);
  EXPECT_EQ(outcome.out, "");
}

TEST(App, PrintConfigEndsInsteadOfServing) {
  const auto outcome = run_mosaic({"serve", "--print-config"}, {}, [](const NodeSettings&) {
    ADD_FAILURE();
    return 0;
  });
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.find("[node]\ndata_dir = \"mosaic-data\"  # default\n"), 0U);
}

TEST(App, WrongUsageEndsWithTwo) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {}, {"fly"}, {"serve", "--nope"}, {"serve", "--config", "/no/such/file.toml"}}) {
    const auto outcome = run_mosaic(words);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.err.find("mosaic: "), 0U);
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
  }
}

TEST(App, HelpAndVersionEndWithZero) {
  EXPECT_EQ(run_mosaic({"--help"}).exit_code, 0);
  EXPECT_EQ(run_mosaic({"--version"}).exit_code, 0);
  EXPECT_EQ(run_mosaic({"import", "--help"}).exit_code, 0);
}

TEST(App, TheVersionIsThatOfTheProject) {
  std::ifstream file(MOSAIC_PROJECT "/CMakeLists.txt");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(text.find("project(mosaic VERSION " + std::string(kVersion) + " "), std::string::npos);
}

TEST(App, AnUnreachableNodeIsNamed) {
  const auto url = "http://127.0.0.1:" + std::to_string(test::free_port());
  const auto outcome = run_mosaic({"collections", "--url", url});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err,
            "mosaic: cannot reach " + url + ": connection refused; is `mosaic serve` running?\n");
}

TEST(App, AFullStandardOutputIsAFailure) {
  std::ostringstream err;
  std::ostream broken(nullptr);
  EXPECT_EQ(run({"--help"}, {}, Console{broken, err, {}, {}}, nullptr), 1);
  EXPECT_EQ(err.str(), "mosaic: cannot write standard output\n");
}

}  // namespace
}  // namespace mosaic::cli
