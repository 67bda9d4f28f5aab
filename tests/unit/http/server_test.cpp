#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "unit/http/server_fixture.hpp"

namespace mosaic::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

struct HttpServer : ServerFixture {};

TEST_F(HttpServer, KeepsAConnectionAlive) {
  Client client(start());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.ask("GET", "/health");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.says("Connection: keep-alive"));
    EXPECT_TRUE(answer.says("Content-Type: application/json"));
  }
}

TEST_F(HttpServer, AnswersPipelinedRequestsInOrder) {
  Client client(start());
  client.send(
      "GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /api/search HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{\"query\":\"x\"}"
      "GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.answer().status, 404);
  EXPECT_EQ(client.answer().status, 200);
  const auto last = client.answer();
  EXPECT_EQ(last.status, 200);
  EXPECT_TRUE(last.says("Connection: close"));
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServer, ReadsABodyThatComesInPieces) {
  Client client(start());
  client.send("POST /api/search HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{\"que");
  client.send("ry\":\"x\"}");
  EXPECT_EQ(client.answer().status, 200);
  client.send(
      "POST /api/search HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "6\r\n{\"quer\r\n7\r\ny\":\"x\"}\r\n0\r\n\r\n");
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(engine.searches.size(), 2U);
}

TEST_F(HttpServer, AnswersHeadWithoutABody) {
  Client client(start());
  const auto head = client.ask("HEAD", "/health");
  EXPECT_EQ(head.status, 200);
  const auto get = client.ask("GET", "/health");
  EXPECT_TRUE(head.says("Content-Length: " + std::to_string(get.body.size())));
}

TEST_F(HttpServer, ClosesAfterHttp10) {
  Client client(start());
  client.send("GET /health HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServer, CarriesOptionsAndAllow) {
  Client client(start());
  const auto answer = client.ask("OPTIONS", "/health");
  EXPECT_EQ(answer.status, 405);
  EXPECT_TRUE(answer.says("Allow: GET, HEAD"));
  EXPECT_TRUE(answer.says("Content-Type: application/problem+json"));
  EXPECT_EQ(client.ask("BREW", "/health").status, 405);
}

TEST_F(HttpServer, AnswersMalformedHttpWithAProblem) {
  const auto port = start();
  for (const std::string bytes :
       {"nonsense\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n", "\x16\x03\x01\x02\x00\r\n\r\n",
        "POST /api/search HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "POST /api/search HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /api/search HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /api/search HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    Client client(port);
    client.send(bytes);
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_TRUE(answer.says("application/problem+json"));
    EXPECT_NE(answer.body.find("\"code\":\"invalid_argument\""), std::string::npos) << answer.body;
    EXPECT_TRUE(client.closed());
  }
}

TEST_F(HttpServer, AnswersALargeBodyWhileTheClientStillSends) {
  settings.http.body_bytes_max = 100'000;
  Client client(start());
  // The kernel cannot take so much: the client gets through only if the server reads on.
  EXPECT_TRUE(client.request("POST", kSearch, std::string(30'000'000, 'x')));
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_NE(answer.body.find("the body has 30000000 bytes, at most 100000"), std::string::npos);
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServer, TakesABodyOfExactlyTheLimit) {
  settings.http.body_bytes_max = 1'000;
  Client client(start());
  const std::string query = kQuery;
  EXPECT_EQ(client.ask("POST", kSearch, query + std::string(1'000 - query.size(), ' ')).status,
            200);
  EXPECT_EQ(client.ask("POST", kSearch, query + std::string(1'001 - query.size(), ' ')).status,
            413);
}

TEST_F(HttpServer, LimitsChunkedBodies) {
  settings.http.body_bytes_max = 1'000;
  Client client(start());
  client.send("POST /api/search HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 10; ++i) client.send("c8\r\n" + std::string(200, ' ') + "\r\n");
  EXPECT_EQ(client.answer().status, 413);
}

/// The head of a search with a body that is still to come.
std::string head_of(std::size_t length, const std::string& more = {}) {
  return "POST /api/search HTTP/1.1\r\nHost: x\r\n" + more +
         "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

/// With room for two bodies of 1,000 bytes.
class FewBodies : public HttpServer {
 protected:
  FewBodies() {
    settings.http.body_bytes_max = 1'000;
    settings.http.bodies_bytes_max = 2'000;
  }

  std::string padded() const {
    const std::string query = kQuery;
    return query + std::string(1'000 - query.size(), ' ');
  }

  /// A client whose body may come, and does not; waits until others have given back theirs.
  static std::unique_ptr<Client> let_in(std::uint16_t port) {
    const auto limit = steady_clock::now() + seconds(20);
    while (steady_clock::now() < limit) {
      auto client = std::make_unique<Client>(port);
      client->send(head_of(1'000, "Expect: 100-continue\r\n"));
      if (client->answer().status == 100) return client;
    }
    return nullptr;
  }

  /// Asks until the bodies of others have been given back.
  static int status_in_the_end(std::uint16_t port, const std::string& body) {
    const auto limit = steady_clock::now() + seconds(20);
    int status = 503;
    while (status == 503 && steady_clock::now() < limit)
      status = Client(port).ask("POST", kSearch, body).status;
    return status;
  }
};

TEST_F(FewBodies, AreReadUntilTheLimitAndThenRefusedAtOnce) {
  engine.hold = true;
  const auto port = start();
  Client first(port);
  Client second(port);
  first.request("POST", kSearch, padded());
  second.request("POST", kSearch, padded());
  engine.wait_for_held(2);
  Client third(port);
  third.send(head_of(1));
  const auto refused = third.answer();
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.says("Retry-After: 1\r\n"));
  EXPECT_TRUE(refused.says("Connection: close"));
  EXPECT_NE(refused.body.find("\"code\":\"overloaded\""), std::string::npos) << refused.body;
  EXPECT_EQ(third.ask("GET", "/health").status, 0);
  Client waiting(port);
  waiting.send(head_of(1, "Expect: 100-continue\r\n"));
  EXPECT_EQ(waiting.answer().status, 503);
  // What has no body needs no room.
  EXPECT_EQ(Client(port).ask("GET", "/health").status, 200);
  for (const auto& answer : engine.held) answer(SearchReply{});
  EXPECT_EQ(first.answer().status, 200);
  EXPECT_EQ(second.answer().status, 200);
  engine.hold = false;
  EXPECT_EQ(status_in_the_end(port, padded()), 200);
}

TEST_F(FewBodies, MakeRoomWhenTheirClientsLeave) {
  const auto port = start();
  for (int round = 0; round < 3; ++round) {
    const auto first = let_in(port);
    const auto second = let_in(port);
    EXPECT_EQ(Client(port).ask("POST", kSearch, kQuery).status, 503);
  }
  EXPECT_EQ(status_in_the_end(port, padded()), 200);
}

TEST_F(FewBodies, CountAsTheLargestWhenTheyComeInChunks) {
  const auto port = start();
  Client first(port);
  Client second(port);
  const std::string chunked =
      "POST /api/search HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "Expect: 100-continue\r\n\r\n";
  first.send(chunked);
  second.send(chunked);
  EXPECT_EQ(first.answer().status, 100);
  EXPECT_EQ(second.answer().status, 100);
  EXPECT_EQ(Client(port).ask("POST", kSearch, kQuery).status, 503);
  first.send("d\r\n{\"query\":\"x\"}\r\n0\r\n\r\n");
  EXPECT_EQ(first.answer().status, 200);
  EXPECT_EQ(status_in_the_end(port, kQuery), 200);
}

TEST_F(FewBodies, OfAConnectionAreGivenBackOneAfterTheOther) {
  Client client(start());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.ask("POST", kSearch, padded()).status, 200);
}

TEST_F(FewBodies, LeaveRoomForOneOfTheLargest) {
  settings.http.bodies_bytes_max = 1;
  EXPECT_EQ(Client(start()).ask("POST", kSearch, padded()).status, 200);
}

TEST_F(FewBodies, AreRefusedReadablyWhileTheClientStillSends) {
  settings.http.body_bytes_max = 30'000'000;
  settings.http.bodies_bytes_max = 0;
  const auto port = start();
  Client first(port);
  first.send(head_of(30'000'000, "Expect: 100-continue\r\n"));
  EXPECT_EQ(first.answer().status, 100);
  Client second(port);
  EXPECT_TRUE(second.request("POST", kSearch, std::string(30'000'000, 'x')));
  EXPECT_EQ(second.answer().status, 503);
}

TEST_F(HttpServer, LimitsHeaders) {
  settings.http.header_bytes_max = 2'000;
  const auto port = start();
  Client client(port);
  client.send("GET /health HTTP/1.1\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n");
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 431);
  EXPECT_TRUE(answer.says("application/problem+json"));
  Client other(port);
  EXPECT_EQ(other.ask("GET", "/" + std::string(10'000, 'x')).status, 431);
}

TEST_F(HttpServer, GivesUpSlowHeaders) {
  settings.http.request_timeout_s = 1;
  Client client(start());
  client.send("GET /health HT");
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 408);
  EXPECT_NE(answer.body.find("deadline_exceeded"), std::string::npos);
  client.shut_down_sending();
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServer, GivesUpSlowBodies) {
  settings.http.request_timeout_s = 1;
  Client client(start());
  client.send("POST /api/search HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{\"que");
  EXPECT_EQ(client.answer().status, 408);
}

TEST_F(HttpServer, ClosesIdleConnections) {
  settings.http.idle_timeout_s = 1;
  Client client(start());
  EXPECT_EQ(client.ask("GET", "/health").status, 200);
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServer, GivesUpAClientThatReadsNothing) {
  settings.http.request_timeout_s = 1;
  settings.http.connections_max = 1;
  engine.document.document.text = std::string(50'000'000, 'x');
  const auto port = start();
  Client deaf(port);
  deaf.request("GET", "/api/v1/collections/c/documents/a");
  const auto limit = steady_clock::now() + seconds(20);
  int status = 503;
  while (status != 200 && steady_clock::now() < limit) {
    status = Client(port).ask("GET", "/health").status;
  }
  EXPECT_EQ(status, 200);
}

TEST_F(HttpServer, TellsAWaitingClientToContinue) {
  Client client(start());
  client.send(
      "POST /api/search HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer().status, 100);
  client.send(kQuery);
  EXPECT_EQ(client.answer().status, 200);
}

TEST_F(HttpServer, SendsAnExportInChunks) {
  StoredDocument document;
  document.document.id = "a";
  engine.pages = {{{document, document}, "1"}, {{document}, ""}};
  Client client(start());
  client.send("GET /api/v1/collections/c/export HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto text = client.rest();
  EXPECT_NE(text.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_NE(
      text.find("16\r\n{\"id\":\"a\"}\n{\"id\":\"a\"}\n\r\nb\r\n{\"id\":\"a\"}\n\r\n0\r\n\r\n"),
      std::string::npos)
      << text;
}

TEST_F(HttpServer, EndsAnExportToHttp10ByClosing) {
  engine.pages = {{{StoredDocument{}}, ""}};
  Client client(start());
  client.send("GET /api/v1/collections/c/export HTTP/1.0\r\n\r\n");
  const auto text = client.rest();
  EXPECT_EQ(text.find("chunked"), std::string::npos);
  EXPECT_EQ(text.substr(text.find("\r\n\r\n") + 4), "{\"id\":\"\"}\n");
}

TEST_F(HttpServer, CutsAnExportThatFails) {
  engine.pages = {{{StoredDocument{}}, "1"}};
  engine.list_error_at = 1;
  Client client(start());
  client.request("GET", "/api/v1/collections/c/export");
  EXPECT_EQ(client.rest().find("0\r\n\r\n"), std::string::npos);
}

TEST_F(HttpServer, NamesAnAddressInUse) {
  settings.http.listen = "127.0.0.1:" + std::to_string(start());
  Server other(engine, settings);
  const auto port = other.start();
  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(port.error().detail.find(settings.http.listen), std::string::npos);
}

TEST_F(HttpServer, RefusesAnAddressThatIsNone) {
  for (const std::string listen :
       {"", "x", ":80", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"}) {
    settings.http.listen = listen;
    Server other(engine, settings);
    const auto port = other.start();
    ASSERT_FALSE(port.ok()) << listen;
    EXPECT_EQ(port.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_F(HttpServer, LetsARequestUnderWayFinishWhenItStops) {
  engine.hold = true;
  const auto port = start();
  Client client(port);
  Client idle(port);
  client.request("POST", kSearch, kQuery);
  engine.wait_for_held(1);
  std::thread stopping([&] { server->stop(seconds(20)); });
  EXPECT_TRUE(idle.closed());
  engine.held[0](SearchReply{});
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.says("Connection: close"));
  stopping.join();
  EXPECT_FALSE(Client(port).connected());
}

TEST_F(HttpServer, ServesNewRequestsForAShortTimeWhenItStopsAndSaysThatItIsNotReady) {
  settings.http.drain_notice_ms = 3'000;  // The test is through long before.
  const auto port = start();
  Client client(port);
  std::thread stopping([&] { server->stop(seconds(20)); });
  const auto ready = [&] { return Client(port).ask("GET", "/ready").status; };
  while (ready() == 200) std::this_thread::yield();
  EXPECT_EQ(ready(), 503);
  const auto answer = client.ask("POST", kSearch, kQuery);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.says("Connection: close"));
  EXPECT_TRUE(client.closed());
  stopping.join();
  EXPECT_FALSE(Client(port).connected());
}

TEST_F(HttpServer, WaitsNoLongerThanToldWhenItStops) {
  engine.hold = true;
  Client client(start());
  client.request("POST", kSearch, kQuery);
  engine.wait_for_held(1);
  const auto begin = steady_clock::now();
  server->stop(milliseconds(100));
  EXPECT_LT(steady_clock::now() - begin, seconds(10));
  EXPECT_EQ(client.answer().status, 0);
}

TEST_F(HttpServer, IgnoresAnAnswerThatComesAfterItIsGone) {
  engine.hold = true;
  Client client(start());
  client.request("POST", kSearch, kQuery);
  engine.wait_for_held(1);
  server.reset();
  engine.held[0](SearchReply{});
}

TEST_F(HttpServer, IgnoresASecondAnswer) {
  engine.hold = true;
  Client client(start());
  for (std::size_t i = 0; i < 2; ++i) {
    client.request("POST", kSearch, kQuery);
    engine.wait_for_held(i + 1);
    engine.held[0](FakeEngine::reply_at(1));
    engine.held[i](FakeEngine::reply_at(i + 1));
    const auto answer = client.answer();
    EXPECT_NE(answer.body.find("\"seq\":" + std::to_string(i + 1)), std::string::npos);
  }
}

TEST_F(HttpServer, SurvivesAClientThatLeaves) {
  engine.hold = true;
  const auto port = start();
  {
    Client client(port);
    client.request("POST", kSearch, kQuery);
    engine.wait_for_held(1);
  }
  engine.held[0](SearchReply{});
  EXPECT_EQ(Client(port).ask("GET", "/health").status, 200);
}

/// Answers come from other threads while connections come and go and the server stops.
TEST_F(HttpServer, StandsAStormThatEndsInAStop) {
  engine.hold = true;
  const auto port = start();
  std::atomic<bool> over = false;
  std::thread answering([&] {
    while (!over) {
      std::vector<Done<SearchReply>> ready;
      {
        std::unique_lock lock(engine.mutex);
        engine.changed.wait_for(lock, milliseconds(10), [&] { return !engine.held.empty(); });
        ready.swap(engine.held);
      }
      for (const auto& done : ready) done(SearchReply{});
    }
  });
  std::atomic<int> answered = 0;
  std::promise<void> busy;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      for (int round = 0;; ++round) {
        Client client(port);
        for (int request = 0; request <= round % 5; ++request) {
          if (client.ask("POST", kSearch, kQuery).status == 200 && ++answered == 200) {
            busy.set_value();
          }
        }
        if (i == 0) client.request("POST", kSearch, kQuery);
        if (!client.connected()) return;
      }
    });
  }
  busy.get_future().wait();
  server->stop(seconds(5));
  for (auto& client : clients) client.join();
  over = true;
  answering.join();
  EXPECT_GE(answered, 200);
}

}  // namespace
}  // namespace mosaic::http
