#include <gtest/gtest.h>

#include "http/json_requests.hpp"
#include "http/router.hpp"
#include "http/routes.hpp"
#include "unit/http/body_errors.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

class BackupRoutes : public testing::Test {
 protected:
  Response ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    Response answer;
    router.serve({method, target, "application/json", {}, body},
                 [&](const MakeResponse& make) { answer = make(); });
    return answer;
  }

  FakeEngine engine;
  Router router{all_routes(engine, "main")};
};

constexpr auto kSnapshots = "/api/v1/collections/c/snapshots";

TEST_F(BackupRoutes, AnswerWithWhatTheJobGaveOnceItIsDone) {
  engine.job.result = R"({"name":"s"})";
  const auto made = ask("POST", kSnapshots, R"({"name":"s"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body, R"({"name":"s"})");
  EXPECT_EQ(engine.snapshot.collection, "c");
  EXPECT_EQ(engine.snapshot.name, "s");
  EXPECT_EQ(ask("POST", kSnapshots).status, 201);
  EXPECT_EQ(engine.snapshot.name, "");
  const auto backup =
      ask("POST", "/api/v1/backups", R"({"collection":"c","target":"file:///b","snapshot":"s"})");
  EXPECT_EQ(backup.status, 201);
  EXPECT_EQ(engine.backed_up.target, "file:///b");
  EXPECT_EQ(engine.backed_up.snapshot, "s");
  const auto restored =
      ask("POST", "/api/v1/restore",
          R"({"source":"file:///b","collection":"c","as":"d","backup":"x","replace":true})");
  EXPECT_EQ(restored.status, 200);
  EXPECT_EQ(engine.restored.as, "d");
  EXPECT_EQ(engine.restored.backup, "x");
  EXPECT_TRUE(engine.restored.replace);
}

TEST_F(BackupRoutes, ListAndDeleteSnapshots) {
  engine.snapshots = {
      {"s", 9, 1'795'993'445'007, 3, {{"snapshots/c-1/s/shard-0.db", 4'096, "ab"}}}};
  const std::string listed =
      R"("snapshots":[{"name":"s","seq":9,"created_at":"2026-11-29T23:04:05.007Z","documents":3,)"
      R"("files":[{"path":"snapshots/c-1/s/shard-0.db","bytes":4096,"sha256":"ab"}]}]})";
  EXPECT_EQ(ask("GET", kSnapshots).body, "{" + listed);
  const auto dropped = ask("DELETE", std::string(kSnapshots) + "/prune");
  EXPECT_EQ(dropped.body, R"({"deleted":["prune"],"snapshots":[]})");
  EXPECT_EQ(engine.snapshot.name, "prune");
  const auto pruned = ask("POST", std::string(kSnapshots) + "/prune", R"({"keep":1})");
  EXPECT_EQ(pruned.body, R"({"deleted":["old"],)" + listed);
  EXPECT_EQ(engine.pruned.keep, 1U);
}

TEST_F(BackupRoutes, ListBackupsAndSayWhichAreDamaged) {
  engine.backups = {{"1", "c", 9, 0, 3, 30, 20, 10, ""}, {"2", "c", 0, 0, 0, 0, 0, 0, "cut short"}};
  const auto listed = ask("GET", "/api/v1/backups?target=file%3A%2F%2F%2Fb&collection=c");
  EXPECT_EQ(
      listed.body,
      R"({"backups":[{"id":"1","collection":"c","seq":9,"created_at":"1970-01-01T00:00:00.000Z",)"
      R"("documents":3,"bytes":30,"stored_bytes":20,"new_bytes":10},)"
      R"({"id":"2","collection":"c","damage":"cut short"}]})");
  EXPECT_EQ(engine.backups_asked.target, "file:///b");
  EXPECT_EQ(engine.backups_asked.collection, "c");
  EXPECT_EQ(ask("GET", "/api/v1/backups").status, 400);
}

TEST_F(BackupRoutes, RefuseWhatIsWrong) {
  for (const auto* body : {R"({"name":""})", R"({"name":"12"})", R"({"name":"a/b"})", R"({"x":1})"})
    EXPECT_EQ(ask("POST", kSnapshots, body).status, 400) << body;
  for (const auto* body : {"{}", R"({"keep":-1})", R"({"keep":1000001})", R"({"keep":1,"x":1})"})
    EXPECT_EQ(ask("POST", std::string(kSnapshots) + "/prune", body).status, 400) << body;
  for (const auto* body : {"{}", R"({"collection":"c"})", R"({"target":"file:///b"})"})
    EXPECT_EQ(ask("POST", "/api/v1/backups", body).status, 400) << body;
  for (const auto* body :
       {"{}", R"({"source":"file:///b"})", R"({"source":"f","collection":"c","x":1})"})
    EXPECT_EQ(ask("POST", "/api/v1/restore", body).status, 400) << body;
  engine.error = Error{ErrorCode::kAlreadyExists, "taken"};
  EXPECT_EQ(ask("POST", kSnapshots).status, 409);
}

}  // namespace
}  // namespace mosaic::http
