// A client against a node in the same process, over a real connection. What needs processes to be
// killed and stopped is in tests/system/test_remote_client.py.
#include <caf/io/middleman.hpp>

#include "client_fixture.hpp"

namespace mosaic::actors {
namespace {

TEST(Client, EveryCallGetsItsAnswer) {
  FakeNode node({});
  Client client(options_for(node.port()));
  EXPECT_EQ(client.health()->node, "fake");
  EXPECT_EQ(client.search(search_for())->hits.size(), 3U);
  EXPECT_EQ(client.upsert(one_document())->seq, 7U);
  EXPECT_EQ(client.remove({"docs", {"a", "b"}, "", ""})->deleted, 2U);
  EXPECT_EQ(client.get_document({"docs", "a", {}})->document.id, "a");
  EXPECT_TRUE(client.put_collection({})->created);
  EXPECT_EQ(client.get_collection("docs")->settings.name, "docs");
}

TEST(Client, ManySearchesAreUnderWayAtATime) {
  FakeNode node({});
  Client client(options_for(node.port()));
  std::vector<Outcome<SearchReply>> outcomes(500);
  ASSERT_TRUE(client.health());  // From here on nothing waits for a connection.
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    client.search(search_for(i % 7 + 1), outcomes[i].done());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto reply = outcomes[i].soon();
    ASSERT_TRUE(reply && *reply);
    EXPECT_EQ((*reply)->hits.size(), i % 7 + 1);
  }
}

TEST(Client, TheNodesErrorsComeAsTheyAre) {
  FakeNode node({.answer = FakeAnswer::kError});
  Client client(options_for(node.port()));
  const auto reply = client.search(search_for());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error(), (Error{ErrorCode::kNotFound, "collection 'docs' does not exist"}));
}

TEST(Client, WithoutAnAnswerARequestEndsAtItsTimeout) {
  FakeNode node({.answer = FakeAnswer::kNever});
  Client client(options_for(node.port(), 300ms));
  EXPECT_EQ(client.search(search_for()).error().code, ErrorCode::kDeadlineExceeded);
  const auto write = client.upsert(one_document());
  EXPECT_EQ(write.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_NE(write.error().detail.find("whether the write happened is not known"),
            std::string::npos);
}

TEST(Client, WithoutANodeARequestEndsAtItsTimeoutAndSaysWhere) {
  const auto port = free_port();
  Client client(options_for(port, 300ms));
  const auto reply = client.search(search_for());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(reply.error().detail.find("no connection to 127.0.0.1:" + std::to_string(port)),
            std::string::npos)
      << reply.error().detail;
}

TEST(Client, ARequestWaitsForTheConnection) {
  const auto port = free_port();
  Client client(options_for(port));
  Outcome<SearchReply> outcome;
  client.search(search_for(), outcome.done());
  FakeNode node({}, "127.0.0.1:" + std::to_string(port));
  ASSERT_EQ(node.port(), port);
  const auto reply = outcome.soon();
  ASSERT_TRUE(reply);
  EXPECT_TRUE(*reply) << reply->error().detail;
}

TEST(Client, OnlySoManyWaitForAConnection) {
  Client client(options_for(free_port()));
  std::vector<Outcome<SearchReply>> waiting(kClientWaitingMax);
  for (auto& outcome : waiting) client.search(search_for(), outcome.done());
  Outcome<SearchReply> last;
  client.search(search_for(), last.done());
  const auto reply = last.soon();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error().code, ErrorCode::kOverloaded);
}

TEST(Client, OnlySoManyAreUnderWay) {
  const auto arrived = std::make_shared<Count>();
  FakeNode node(silent(arrived));
  Client client(options_for(node.port()));
  Outcome<SearchReply> first;
  client.search(search_for(), first.done());
  ASSERT_TRUE(arrived->reaches(1));
  std::vector<Outcome<SearchReply>> others(kClientInFlightMax);
  for (auto& outcome : others) client.search(search_for(), outcome.done());
  const auto reply = others.back().soon();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error().code, ErrorCode::kOverloaded);
}

TEST(Client, WhatIsUnderWayIsSentAgainWhenTheEngineDies) {
  const auto arrived = std::make_shared<Count>();
  const auto script = silent(arrived);
  FakeNode node(script);
  Client client(options_for(node.port()));
  Outcome<SearchReply> search;
  Outcome<UpsertReply> write;
  client.search(search_for(), search.done());
  client.upsert(one_document(), write.done());
  ASSERT_TRUE(arrived->reaches(2));
  node.restart_engine({.log = script.log});
  const auto searched = search.soon();
  ASSERT_TRUE(searched);
  EXPECT_TRUE(*searched) << searched->error().detail;
  const auto written = write.soon();
  ASSERT_TRUE(written);
  EXPECT_TRUE(*written) << written->error().detail;
  EXPECT_EQ(script.log->size(), 1U);
}

TEST(Client, FindsTheEngineAgainAfterItWasRestarted) {
  FakeNode node({});
  const auto port = node.port();
  Client client(options_for(port));
  ASSERT_TRUE(client.health());
  node.restart_engine({.answer = FakeAnswer::kError});
  EXPECT_EQ(node.port(), port);
  // Until it has heard of the death the client may ask the old one.
  const auto end = Clock::now() + kSoon;
  ErrorCode code = ErrorCode::kUnavailable;
  while (code == ErrorCode::kUnavailable && Clock::now() < end)
    code = client.search(search_for()).error().code;
  EXPECT_EQ(code, ErrorCode::kNotFound);
}

TEST(Client, FindsTheNodeAgainAfterItWasRestarted) {
  auto node = std::make_unique<FakeNode>(fake_engine_config{});
  const auto port = node->port();
  Client client(options_for(port));
  ASSERT_TRUE(client.health());
  node.reset();
  node = std::make_unique<FakeNode>(fake_engine_config{}, "127.0.0.1:" + std::to_string(port));
  ASSERT_EQ(node->port(), port);
  const auto end = Clock::now() + kSoon;
  bool found = false;
  while (!found && Clock::now() < end) found = client.search(search_for()).ok();
  EXPECT_TRUE(found);
}

TEST(Client, ClosingItEndsWhatIsUnderWay) {
  const auto arrived = std::make_shared<Count>();
  FakeNode node(silent(arrived));
  Outcome<SearchReply> sent;
  {
    Client client(options_for(node.port()));
    client.search(search_for(), sent.done());
    ASSERT_TRUE(arrived->reaches(1));
  }
  const auto reply = sent.soon();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error().code, ErrorCode::kUnavailable);
}

TEST(Client, ClosingItEndsWhatWaitsForAConnection) {
  Outcome<SearchReply> waiting;
  const auto begin = Clock::now();
  {
    Client client(options_for(free_port()));
    client.search(search_for(), waiting.done());
  }
  EXPECT_LT(Clock::now() - begin, kSoon);
  const auto reply = waiting.soon();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error().code, ErrorCode::kUnavailable);
}

TEST(Client, SomethingElseAtThePortIsNoEngine) {
  caf::actor_system_config config;
  add_network(config);
  caf::actor_system system{config};
  const auto other = system.spawn([]() -> caf::behavior { return {[](int x) { return x; }}; });
  const auto port = system.middleman().publish(other, 0, "127.0.0.1");
  ASSERT_TRUE(port);
  Client client(options_for(*port, 300ms));
  const auto reply = client.health();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(reply.error().detail.find("protocol"), std::string::npos) << reply.error().detail;
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
}

TEST(EnginePort, RefusesAnAddressThatIsNone) {
  EXPECT_EQ(parse_endpoint("localhost").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(parse_endpoint(":4041").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(parse_endpoint("127.0.0.1:70000").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(parse_endpoint("[::1]:4041")->host, "::1");
}

TEST(EnginePort, APortThatIsTakenIsAnError) {
  FakeNode first({});
  FakeNode second({}, "127.0.0.1:" + std::to_string(first.port()));
  EXPECT_EQ(second.port(), 0);
}

}  // namespace
}  // namespace mosaic::actors
