// A client of several nodes, each a system of its own in this process. Whole processes that are
// killed are in tests/system/test_client_nodes.py.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "client_fixture.hpp"

namespace mosaic::actors {
namespace {

/// Nodes of one cluster: a name, a port and a log that all of them have.
class ClientNodes : public testing::Test {
 protected:
  using NodePtr = std::unique_ptr<FakeNode>;

  NodePtr start(std::string name, fake_engine_config script = {}, std::uint16_t port = 0) {
    script.name = std::move(name);
    script.log = log_;
    auto node = std::make_unique<FakeNode>(script, "127.0.0.1:" + std::to_string(port));
    EXPECT_NE(node->port(), 0);
    return node;
  }

  fake_engine_config silence() { return silent(arrived_); }

  fake_engine_config refusing(ErrorCode code,
                              std::size_t times = std::numeric_limits<std::size_t>::max()) {
    fake_engine_config config;
    config.answer = FakeAnswer::kError;
    config.error = {code, "refused"};
    config.errors = times;
    config.on_request = [arrived = arrived_] { (*arrived)(); };
    return config;
  }

  /// Of the node that a client's requests reach now.
  static std::string reached(Client& client) {
    const auto health = client.health();
    return health ? health->node : health.error().detail;
  }

  std::shared_ptr<FakeLog> log_ = std::make_shared<FakeLog>();
  std::shared_ptr<Count> arrived_ = std::make_shared<Count>();
};

/// A place that a connection cannot be made to, nor is refused: its queue of connections is full.
class BlackHole {
 public:
  BlackHole() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    ::bind(listener_, any, size);
    ::getsockname(listener_, any, &size);
    ::listen(listener_, 0);
    for (auto& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(filler, any, size);
    }
    port_ = ntohs(address.sin_port);
  }
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  /// Whoever still tries to connect is refused.
  ~BlackHole() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }

 private:
  int listener_;
  std::array<int, 3> fillers_;
  std::uint16_t port_ = 0;
};

TEST_F(ClientNodes, TheFirstIsUsedWhileItLives) {
  const auto a = start("a");
  const auto b = start("b");
  Client client(options_for({a->port(), b->port()}));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(reached(client), "a");
  EXPECT_EQ(client.node(), (Client::Node{"127.0.0.1", a->port()}));
}

TEST_F(ClientNodes, ANodeMayHaveAName) {
  const auto a = start("a");
  auto options = options_for(a->port());
  options.nodes[0].host = "localhost";
  Client client(options);
  EXPECT_EQ(reached(client), "a");
}

TEST_F(ClientNodes, MovesToTheNextInTheirOrderAndAroundToTheFirst) {
  auto a = start("a");
  auto b = start("b");
  auto c = start("c");
  const auto port = a->port();
  Client client(options_for({port, b->port(), c->port()}));
  EXPECT_EQ(reached(client), "a");
  a.reset();
  EXPECT_EQ(reached(client), "b");
  a = start("a again", {}, port);
  EXPECT_EQ(reached(client), "b") << "a node that answers is kept";
  b.reset();
  EXPECT_EQ(reached(client), "c");
  c.reset();
  EXPECT_EQ(reached(client), "a again");
}

TEST_F(ClientNodes, ANodeThatRefusesToConnectIsPassedOver) {
  const auto b = start("b");
  Client client(options_for({free_port(), free_port(), b->port()}));
  EXPECT_EQ(reached(client), "b");
  EXPECT_EQ(client.node(), (Client::Node{"127.0.0.1", b->port()}));
}

TEST_F(ClientNodes, ANodeThatDoesNotAnswerTheConnectionHoldsUpOnlyForItsTime) {
  const BlackHole hole;
  const auto b = start("b");
  auto options = options_for({hole.port(), b->port()});
  options.connect_timeout = 200ms;
  const auto begin = Clock::now();
  Client client(options);
  EXPECT_EQ(reached(client), "b");
  EXPECT_LT(Clock::now() - begin, kSoon);
}

TEST_F(ClientNodes, WhatIsUnderWayIsSentToTheNextAndWritesAreDoneOnce) {
  auto a = start("a", silence());
  const auto b = start("b");
  Client client(options_for({a->port(), b->port()}));
  Outcome<SearchReply> search;
  Outcome<UpsertReply> write;
  Outcome<DeleteReply> removal;
  Outcome<CollectionPut> put;
  client.search(search_for(), search.done());
  client.upsert(one_document(), write.done());
  client.remove({"docs", {"a"}, "", ""}, removal.done());
  client.put_collection({}, put.done());
  ASSERT_TRUE(arrived_->reaches(4));
  a.reset();
  const auto searched = search.soon();
  ASSERT_TRUE(searched && *searched);
  EXPECT_EQ((*searched)->hits.size(), 3U);
  const auto written = write.soon();
  ASSERT_TRUE(written && *written);
  const auto removed = removal.soon();
  ASSERT_TRUE(removed && *removed);
  const auto made = put.soon();
  ASSERT_TRUE(made && *made);
  EXPECT_EQ(log_->size(), 3U) << "both nodes got each write under one name";
  EXPECT_EQ(log_->most(), 2U);
}

TEST_F(ClientNodes, EveryWriteHasANameOfItsOwnThatIsKnownLongerThanItCanBeSentAgain) {
  const auto a = start("a");
  Client client(options_for(a->port(), 60s));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.upsert(one_document()));
  EXPECT_EQ(log_->size(), 100U);
  EXPECT_EQ(log_->most(), 1U);
  EXPECT_GE(log_->shortest_window_s(), 60U + 120U);
}

TEST_F(ClientNodes, MoreThanMayWaitForAFirstConnectionAreSentAgain) {
  auto a = start("a", silence());
  const auto port = a->port();
  const auto other = free_port();
  Client client(options_for({port, other}));
  std::vector<Outcome<SearchReply>> outcomes(2 * kClientWaitingMax);
  const auto half = outcomes.begin() + kClientWaitingMax;
  for (auto it = outcomes.begin(); it != half; ++it) client.search(search_for(), it->done());
  ASSERT_TRUE(arrived_->reaches(kClientWaitingMax));
  for (auto it = half; it != outcomes.end(); ++it) client.search(search_for(), it->done());
  ASSERT_TRUE(arrived_->reaches(2 * kClientWaitingMax));
  a.reset();
  const auto b = start("b", {}, other);
  for (auto& outcome : outcomes) {
    const auto reply = outcome.soon();
    ASSERT_TRUE(reply);
    ASSERT_TRUE(*reply) << reply->error().detail;
  }
}

TEST_F(ClientNodes, WhenAllAreDownTheFirstThatComesUpIsFound) {
  const auto first = free_port();
  const auto second = free_port();
  Client client(options_for({first, second}));
  Outcome<Health> health;
  client.health(health.done());
  const auto b = start("b", {}, second);
  const auto reply = health.soon();
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ((*reply)->node, "b");
}

TEST_F(ClientNodes, WhenAllAreDownARequestEndsAtItsTimeoutAndNamesThem) {
  const auto first = free_port();
  const auto second = free_port();
  const auto begin = Clock::now();
  Client client(options_for({first, second}, 300ms));
  const auto reply = client.search(search_for());
  EXPECT_GE(Clock::now() - begin, 300ms);
  EXPECT_LT(Clock::now() - begin, kSoon);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  for (const auto port : {first, second})
    EXPECT_NE(reply.error().detail.find("127.0.0.1:" + std::to_string(port)), std::string::npos)
        << reply.error().detail;
  EXPECT_EQ(client.node(), std::nullopt);
}

TEST_F(ClientNodes, AWriteThatLostItsNodeAndFindsNoOtherSaysThatItsOutcomeIsUnknown) {
  auto a = start("a", silence());
  Client client(options_for({a->port(), free_port()}, 2s));
  Outcome<UpsertReply> write;
  client.upsert(one_document(), write.done());
  ASSERT_TRUE(arrived_->reaches(1));
  a.reset();
  const auto written = write.soon();
  ASSERT_TRUE(written);
  EXPECT_EQ(written->error().code, ErrorCode::kUnavailable);
  EXPECT_NE(written->error().detail.find("whether the write happened is not known"),
            std::string::npos)
      << written->error().detail;
}

TEST_F(ClientNodes, AWriteThatWasNeverSentSaysNothingOfAnUnknownOutcome) {
  Client client(options_for({free_port(), free_port()}, 300ms));
  const auto written = client.upsert(one_document());
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(written.error().detail.find("not known"), std::string::npos) << written.error().detail;
}

TEST_F(ClientNodes, ANodeThatIsSilentIsKeptUntilTheRequestsTimeIsOver) {
  const auto a = start("a", silence());
  const auto b = start("b");
  Client client(options_for({a->port(), b->port()}, 300ms));
  EXPECT_EQ(client.search(search_for()).error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(ClientNodes, WhatOneCannotDoIsAskedOfTheNextButTheClientStays) {
  const auto a = start("a", refusing(ErrorCode::kUnavailable, 3));
  const auto b = start("b");
  Client client(options_for({a->port(), b->port()}));
  EXPECT_EQ(reached(client), "b");
  EXPECT_TRUE(client.search(search_for()));
  EXPECT_TRUE(client.upsert(one_document()));
  EXPECT_EQ(client.node(), (Client::Node{"127.0.0.1", a->port()}));
  EXPECT_EQ(reached(client), "a");
}

TEST_F(ClientNodes, ASearchThatAllRefuseEndsWhenEachWasAskedOnce) {
  const auto a = start("a", refusing(ErrorCode::kUnavailable));
  const auto b = start("b", refusing(ErrorCode::kUnavailable));
  Client client(options_for({a->port(), free_port(), b->port()}));
  const auto reply = client.search(search_for());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error(), (Error{ErrorCode::kUnavailable, "refused"}));
  EXPECT_EQ(arrived_->now(), 2U);
}

TEST_F(ClientNodes, AWriteThatAllRefuseGoesRoundAgainUntilOneTakesIt) {
  const auto a = start("a", refusing(ErrorCode::kUnavailable, 3));
  const auto b = start("b", refusing(ErrorCode::kUnavailable));
  Client client(options_for({a->port(), b->port()}));
  Outcome<UpsertReply> write;
  client.upsert(one_document(), write.done());
  const auto written = write.soon();
  ASSERT_TRUE(written);
  EXPECT_TRUE(*written) << written->error().detail;
  EXPECT_EQ(arrived_->now(), 7U);
}

TEST_F(ClientNodes, AWriteThatAllRefuseEndsWithWhatTheySayWhenItsTimeIsOver) {
  const auto a = start("a", refusing(ErrorCode::kUnavailable));
  Client client(options_for(a->port(), 500ms));
  const auto begin = Clock::now();
  const auto written = client.upsert(one_document());
  EXPECT_LE(Clock::now() - begin, 500ms + kSoon);
  EXPECT_EQ(written.error(), (Error{ErrorCode::kUnavailable, "refused"}));
}

TEST_F(ClientNodes, OtherErrorsAreAnswersAndAskedOfNobodyElse) {
  const auto a = start("a", refusing(ErrorCode::kOverloaded));
  const auto b = start("b");
  Client client(options_for({a->port(), b->port()}));
  EXPECT_EQ(client.search(search_for()).error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(client.upsert(one_document()).error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(arrived_->now(), 2U);
}

TEST_F(ClientNodes, AWriteThatLostItsNodeIsNotGivenUpBecauseTheNextIsFull) {
  auto a = start("a", silence());
  const auto b = start("b", refusing(ErrorCode::kOverloaded, 2));
  Client client(options_for({a->port(), b->port()}));
  Outcome<UpsertReply> write;
  client.upsert(one_document(), write.done());
  ASSERT_TRUE(arrived_->reaches(1));
  a.reset();
  const auto written = write.soon();
  ASSERT_TRUE(written);
  EXPECT_TRUE(*written) << written->error().detail;
  EXPECT_EQ(log_->size(), 1U);
}

TEST_F(ClientNodes, WithoutNodesARequestIsRefused) {
  Client client({});
  const auto reply = client.health();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(reply.error().detail.find("nodes"), std::string::npos);
}

TEST_F(ClientNodes, ClosingItEndsAWriteThatGoesRound) {
  const auto a = start("a", refusing(ErrorCode::kUnavailable));
  Outcome<UpsertReply> write;
  {
    Client client(options_for(a->port()));
    client.upsert(one_document(), write.done());
    ASSERT_TRUE(arrived_->reaches(1));
  }
  const auto written = write.soon();
  ASSERT_TRUE(written);
  EXPECT_EQ(written->error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace mosaic::actors
