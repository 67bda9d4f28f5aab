#include "command_fixture.hpp"

namespace mosaic::cli {
namespace {

using test::FakeRequest;
using test::http_answer;
using BackupCommandTest = CommandTest;

constexpr auto kSnapshot =
    R"({"name":"s","seq":9,"created_at":"2026-11-29T23:04:05.007Z","documents":1234,)"
    R"("files":[{"path":"p","bytes":4096,"sha256":"ab"},{"path":"q","bytes":4096,"sha256":"cd"}]})";

TEST_F(BackupCommandTest, ASnapshotIsMadeAndSaid) {
  serve([](const FakeRequest&) { return http_answer(201, kSnapshot); });
  EXPECT_EQ(mosaic({"snapshot", "create", "c", "s"}).out,
            "snapshot 's' of collection 'c': 1,234 documents at seq 9\n");
  EXPECT_EQ(mosaic({"snapshot", "create", "c", "--json"}).out, std::string(kSnapshot) + "\n");
  EXPECT_EQ(requests()[0].target, "/api/v1/collections/c/snapshots");
  EXPECT_EQ(requests()[0].body, R"({"name":"s"})");
  EXPECT_EQ(requests()[1].body, "{}");
}

TEST_F(BackupCommandTest, SnapshotsAreListedAndPruned) {
  serve([](const FakeRequest& request) {
    return http_answer(200, (request.method == "POST" ? R"({"deleted":["old"],"snapshots":[)"
                                                      : R"({"snapshots":[)") +
                                std::string(kSnapshot) + "]}");
  });
  const auto listed = mosaic({"snapshot", "list", "c"});
  EXPECT_NE(listed.out.find("1,234      2  8,192"), std::string::npos) << listed.out;
  const auto pruned = mosaic({"snapshot", "prune", "c", "--keep", "1"});
  EXPECT_EQ(pruned.out.find("deleted snapshot 'old'\n"), 0U) << pruned.out;
  EXPECT_EQ(requests()[1].body, R"({"keep":1})");
  EXPECT_EQ(mosaic({"snapshot", "prune", "c"}).exit_code, 2);
  EXPECT_EQ(mosaic({"snapshot", "delete", "c"}).exit_code, 2);
  EXPECT_EQ(mosaic({"snapshot", "delete", "c", "a.b"}).exit_code, 0);
  EXPECT_EQ(requests().back().method, "DELETE");
  EXPECT_EQ(requests().back().target, "/api/v1/collections/c/snapshots/a.b");
}

TEST_F(BackupCommandTest, ABackupIsMadeAndListed) {
  serve([](const FakeRequest& request) {
    const std::string backup =
        R"({"id":"b1","collection":"c","seq":9,"created_at":"t","documents":3,"bytes":5000,)"
        R"("stored_bytes":10,"new_bytes":1000})";
    if (request.method == "POST") return http_answer(201, backup);
    return http_answer(
        200, R"({"backups":[)" + backup + R"(,{"id":"b2","collection":"c","damage":"cut"}]})");
  });
  EXPECT_EQ(mosaic({"backup", "create", "c", "--target", "file:///b", "--snapshot", "s"}).out,
            "backup 'b1' of collection 'c': 3 documents, 5,000 bytes, 1,000 of them new\n");
  EXPECT_EQ(requests()[0].body, R"({"collection":"c","target":"file:///b","snapshot":"s"})");
  const auto listed = mosaic({"backup", "list", "--target", "file:///b", "--collection", "c"});
  EXPECT_NE(listed.out.find("damaged: cut"), std::string::npos) << listed.out;
  EXPECT_EQ(requests()[1].target, "/api/v1/backups?target=file%3A%2F%2F%2Fb&collection=c");
  EXPECT_EQ(mosaic({"backup", "create", "c"}).exit_code, 2);
  EXPECT_EQ(mosaic({"backup"}).exit_code, 2);
}

TEST_F(BackupCommandTest, ARestoreSaysWhatCameOfIt) {
  serve([](const FakeRequest& request) {
    if (request.body.find("taken") != std::string::npos)
      return problem_answer(409, "already_exists", "collection 'taken' exists already");
    return http_answer(200, R"({"collection":"d","documents":3,"backup":"b1"})");
  });
  EXPECT_EQ(mosaic({"restore", "file:///b", "c", "--as", "d", "--backup", "b1", "--replace"}).out,
            "restored collection 'd': 3 documents of backup 'b1'\n");
  EXPECT_EQ(requests()[0].body,
            R"({"source":"file:///b","collection":"c","as":"d","backup":"b1","replace":true})");
  const auto refused = mosaic({"restore", "file:///b", "c", "--as", "taken"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.err, "mosaic: collection 'taken' exists already (already_exists)\n");
}

}  // namespace
}  // namespace mosaic::cli
