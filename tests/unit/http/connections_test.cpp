// What happens when all connections of a server are taken.
#include "unit/http/server_fixture.hpp"

namespace mosaic::http {
namespace {

struct HttpConnections : ServerFixture {
  /// Answers the searches that are held.
  void answer_searches() {
    for (const auto& done : engine.held) done(SearchReply{});
  }
};

TEST_F(HttpConnections, TurnsAwayConnectionsOverTheLimitWhenAllAreBusy) {
  settings.http.connections_max = 2;
  engine.hold = true;
  const auto port = start();
  Client first(port);
  Client second(port);
  first.request("POST", kSearch, kQuery);
  second.request("POST", kSearch, kQuery);
  engine.wait_for_held(2);
  Client third(port);
  const auto answer = third.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.says("Retry-After: "));
  EXPECT_NE(answer.body.find("overloaded"), std::string::npos);
  answer_searches();
  EXPECT_EQ(first.answer().status, 200);
  EXPECT_EQ(second.answer().status, 200);
  EXPECT_EQ(first.ask("GET", "/health").status, 200) << "a refusal costs nobody his connection";
}

TEST_F(HttpConnections, TheConnectionThatIsIdleLongestMakesRoom) {
  settings.http.connections_max = 2;
  const auto port = start();
  // Neither has asked anything: who is idle again after an answer is up to threads.
  Client first(port);
  Client second(port);
  Client third(port);
  EXPECT_EQ(third.ask("GET", "/health").status, 200);
  EXPECT_TRUE(first.closed());
  EXPECT_EQ(second.ask("GET", "/health").status, 200);
}

TEST_F(HttpConnections, AHealthCheckComesThroughHoweverManyConnectionsAreIdle) {
  settings.http.connections_max = 3;
  engine.hold = true;
  const auto port = start();
  Client busy(port);
  busy.request("POST", kSearch, kQuery);
  engine.wait_for_held(1);
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(std::make_unique<Client>(port));
    Client check(port);
    EXPECT_EQ(check.ask("GET", "/health").status, 200);
  }
  for (const auto& answer : engine.held) answer(SearchReply{});
  EXPECT_EQ(busy.answer().status, 200);
}

}  // namespace
}  // namespace mosaic::http
