// What one node knows of the shards on others, and how it asks for them.
#include "actors/replicas.hpp"

#include "cluster_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

const shard_key kKey{{5}, {1}};

/// Another node: says what a test has told it to, and hears questions.
struct fake_replicas {
  replica_news news;
  std::vector<far_question> asked;
  caf::actor actor;
};

caf::behavior fake_replicas_behavior(caf::event_based_actor*, fake_replicas* fake) {
  return {
      [=](hello_atom, const std::string&, const replica_news&) { return fake->news; },
      [=](news_atom, const replica_news&) {},
      [=](const replica_news&) {},  // the answer to a greeting that a test has sent in its name
      [=](ask_atom, far_questions& asked) {
        auto questions = unpack(std::move(asked));
        for (auto& question : *questions) fake->asked.push_back(std::move(question));
      },
  };
}

/// Stands for the log and for all who ask shards.
struct listening {
  std::vector<shard_news> news;
  std::map<shard_key, far_shards_actor> far;
};

caf::behavior listening_behavior(caf::event_based_actor*, listening* heard) {
  return {
      [=](news_atom, const shard_news& news) { heard->news.push_back(news); },
      [](behind_atom, const shard_key&, bool) {},
      [=](replicas_atom, const shard_key& key, const far_shards_actor& far) {
        heard->far[key] = far;
      },
      [=](lost_atom, const shard_key& key) { heard->far.erase(key); },
  };
}

struct ReplicasTest : ActorFixture {
  std::map<std::uint64_t, fake_replicas> nodes;
  listening heard;
  caf::actor ear;
  replicas_actor relay;

  void SetUp() override {
    relay = system.spawn(replicas, replicas_config{1, "n1"});
    ear = system.spawn(listening_behavior, &heard);
    auto parts = std::make_shared<node_parts>();
    parts->log = caf::actor_cast<log_actor>(ear);
    parts->listeners = {caf::actor_cast<route_listener>(ear)};
    caf::anon_send(relay, parts_atom_v, node_parts_ptr(parts));
    run();
  }

  void TearDown() override {
    end(relay);
    end(ear);
    for (auto& [id, node] : nodes) end(node.actor);
    run();
    heard.far.clear();
  }

  void meet(std::uint64_t id, Seq seq) {
    auto& node = nodes[id];
    node.news = {id, true, {{kKey, true, seq}}};
    node.actor = system.spawn(fake_replicas_behavior, &node);
    caf::anon_send(relay, peer_atom_v, id, "n" + std::to_string(id),
                   caf::actor_cast<far_replicas_actor>(node.actor));
    run();
  }

  void tell(std::uint64_t id, shard_news news) {
    caf::anon_send(relay, news_atom_v, replica_news{id, false, {std::move(news)}});
    run();
  }

  Answer<far_answer> ask(Seq cut) {
    const auto answer = begin<far_answer>(
        heard.far.at(kKey), ask_atom_v,
        far_question{0, kKey, shard_get_request{cut, "a", {}, Deadline::in(now(), 5s)}});
    run();
    return answer;
  }

  void answer(std::uint64_t id) {
    const auto number = nodes[id].asked.back().number;
    caf::anon_send(relay, answer_atom_v,
                   far_answers{{{number, shard::FoundDocuments{{}, Seq{7}}}}});
    run();
  }
};

TEST_F(ReplicasTest, WhoHoldsAShardIsAskedAsIfItWereHere) {
  meet(2, 5);
  ASSERT_TRUE(heard.far.contains(kKey));
  const auto asked = ask(5);
  ASSERT_EQ(nodes[2].asked.size(), 1U);
  EXPECT_EQ(nodes[2].asked[0].key, kKey);
  EXPECT_EQ(std::get<shard_get_request>(nodes[2].asked[0].body).id, "a");
  answer(2);
  ASSERT_TRUE(asked->answered() && *asked->result);
  EXPECT_EQ(std::get<shard::FoundDocuments>((*asked->result)->body).space, 7U);
}

TEST_F(ReplicasTest, TellsTheLogHowFarOneIsWhoseDeletionsAreKnown) {
  meet(2, 5);
  EXPECT_EQ(heard.news.back().seq, 5U);
  meet(3, 7);
  EXPECT_EQ(heard.news.back().seq, 5U) << "what node 3 deleted until 7 is not known";
  tell(2, {kKey, true, 8});
  EXPECT_EQ(heard.news.back().seq, 8U);
  tell(3, {kKey, true, 9});
  EXPECT_EQ(heard.news.back().seq, 9U) << "known from 7 on";
}

TEST_F(ReplicasTest, WhereNobodyIsLeftWhoKnowsTheLogHearsOfTheGap) {
  meet(2, 5);
  meet(3, 7);
  caf::anon_send(relay, lost_atom_v, std::uint64_t{2});
  run();
  ASSERT_FALSE(heard.news.empty());
  EXPECT_TRUE(heard.news.back().gap);
  EXPECT_TRUE(heard.news.back().level) << "the shard is there all the time";
  EXPECT_EQ(heard.news.back().seq, 7U);
}

TEST_F(ReplicasTest, OneThatGreetsAgainMayHaveLeftSomethingUntold) {
  meet(2, 5);
  tell(2, {kKey, true, 6});
  heard.news.clear();
  // It had lost sight of this node for a moment, which saw it all the time.
  caf::send_as(nodes[2].actor, relay, hello_atom_v, std::string("n2"),
               replica_news{2, true, {{kKey, true, 9}}});
  run();
  ASSERT_EQ(heard.news.size(), 1U);
  EXPECT_TRUE(heard.news[0].gap);
  EXPECT_TRUE(heard.news[0].level) << "the cut goes on waiting for it";
  EXPECT_EQ(heard.news[0].seq, 9U);
  EXPECT_TRUE(heard.far.contains(kKey)) << "it is asked all the time";
}

TEST_F(ReplicasTest, OneThatGreetsAgainLeavesNoGapWhereAnotherHasToldAll) {
  meet(2, 5);
  meet(3, 5);
  tell(2, {kKey, true, 6});
  heard.news.clear();
  caf::send_as(nodes[3].actor, relay, hello_atom_v, std::string("n3"),
               replica_news{3, true, {{kKey, true, 9}}});
  run();
  EXPECT_TRUE(heard.news.empty());
  tell(3, {kKey, true, 10});
  ASSERT_FALSE(heard.news.empty());
  EXPECT_EQ(heard.news.back().seq, 6U) << "what 3 deleted until 9 is not known";
  tell(2, {kKey, true, 9});
  tell(3, {kKey, true, 11});
  EXPECT_EQ(heard.news.back().seq, 9U) << "nor what it deleted at 10, without 2";
}

TEST_F(ReplicasTest, AsksANodeThatIsFreshEnough) {
  meet(2, 5);
  meet(3, 7);
  ask(7);
  EXPECT_TRUE(nodes[2].asked.empty());
  EXPECT_EQ(nodes[3].asked.size(), 1U);
}

TEST_F(ReplicasTest, AsksTheOneThatHasLessToDo) {
  meet(2, 5);
  meet(3, 5);
  for (int i = 0; i < 4; ++i) ask(5);
  EXPECT_EQ(nodes[2].asked.size(), 2U);
  EXPECT_EQ(nodes[3].asked.size(), 2U);
}

TEST_F(ReplicasTest, WhatANodeThatIsLostWasAskedGoesToAnother) {
  meet(2, 5);
  const auto asked = ask(5);
  meet(3, 5);
  caf::anon_send(relay, lost_atom_v, std::uint64_t{2});
  run();
  EXPECT_FALSE(asked->answered());
  ASSERT_EQ(nodes[3].asked.size(), 1U);
  answer(3);
  EXPECT_TRUE(asked->answered() && *asked->result);
}

TEST_F(ReplicasTest, ANodeThatHasItNoMoreIsNotTheLastWord) {
  meet(2, 5);
  const auto asked = ask(5);
  meet(3, 5);
  const Error gone{ErrorCode::kUnavailable, "it has just left"};
  caf::anon_send(relay, answer_atom_v, far_answers{{{nodes[2].asked.back().number, gone}}});
  run();
  EXPECT_FALSE(asked->answered());
  ASSERT_EQ(nodes[3].asked.size(), 1U);
  caf::anon_send(relay, answer_atom_v, far_answers{{{nodes[3].asked.back().number, gone}}});
  run();
  ASSERT_TRUE(asked->answered()) << "nobody is asked twice";
  EXPECT_EQ(std::get<Error>((*asked->result)->body).detail, gone.detail);
}

TEST_F(ReplicasTest, WithTheLastNodeItFailsAtOnce) {
  meet(2, 5);
  const auto asked = ask(5);
  end(nodes[2].actor);
  run();
  ASSERT_TRUE(asked->answered());
  EXPECT_EQ(asked->result->error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(heard.far.contains(kKey));
  EXPECT_FALSE(heard.news.back().level);
}

TEST_F(ReplicasTest, ANodeThatGivesAShardUpIsAskedNoMore) {
  meet(2, 5);
  tell(2, {kKey, false, 0});
  EXPECT_TRUE(heard.far.empty());
}

TEST_F(ReplicasTest, NewsOfANodeThatWasGivenUpCountForNothing) {
  meet(2, 5);
  caf::anon_send(relay, lost_atom_v, std::uint64_t{2});
  tell(2, {kKey, true, 6});
  EXPECT_TRUE(heard.far.empty());
}

TEST_F(ReplicasTest, AQuestionThatIsNotAnsweredEndsInTime) {
  meet(2, 5);
  const auto asked = ask(5);
  pass_slowly(5'100ms);
  ASSERT_TRUE(asked->answered());
  EXPECT_EQ(asked->result->error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(ReplicasTest, WhoComesLaterIsToldToo) {
  meet(2, 5);
  listening later;
  const auto other = system.spawn(listening_behavior, &later);
  auto parts = std::make_shared<node_parts>();
  parts->log = caf::actor_cast<log_actor>(other);
  parts->listeners = {caf::actor_cast<route_listener>(other)};
  caf::anon_send(relay, parts_atom_v, node_parts_ptr(parts));
  run();
  EXPECT_TRUE(later.far.contains(kKey));
  ASSERT_EQ(later.news.size(), 1U);
  EXPECT_EQ(later.news[0].seq, 5U);
  later.far.clear();
  end(other);
}

/// The node of the fixture holds the only copy of its shards; another one asks for them.
struct BetweenNodes : ClusterFixture {
  listening heard;
  caf::actor ear;
  replicas_actor other;

  void SetUp() override {
    ClusterFixture::SetUp();
    relay = system.spawn(replicas, replicas_config{1, "n1"});
    wire();
    make_collection(2);
    form(2);
    other = system.spawn(replicas, replicas_config{2, "n2"});
    ear = system.spawn(listening_behavior, &heard);
    auto parts = std::make_shared<node_parts>();
    parts->log = caf::actor_cast<log_actor>(ear);
    parts->listeners = {caf::actor_cast<route_listener>(ear)};
    caf::anon_send(other, parts_atom_v, node_parts_ptr(parts));
    caf::anon_send(other, peer_atom_v, std::uint64_t{1}, std::string("n1"),
                   far_replicas_actor(relay));
    run();
  }

  void TearDown() override {
    end(other);
    end(ear);
    run();
    heard.far.clear();
    ClusterFixture::TearDown();
  }

  shard_key key(std::uint32_t shard) const { return {catalog->find("docs")->id, {shard}}; }

  far_answer_body ask_for_info(std::uint32_t shard, Seq cut) {
    return ask<far_answer>(heard.far.at(key(shard)), ask_atom_v,
                           far_question{0, key(shard), info_request{cut}})
        ->body;
  }
};

TEST_F(BetweenNodes, ShardsAreFoundAndFollowed) {
  ASSERT_EQ(heard.far.size(), 2U);
  upsert({"a", "b", "c"});
  std::map<shard_key, Seq> newest;
  for (const auto& news : heard.news) newest[news.key] = news.seq;
  for (const std::uint32_t shard : {0, 1}) EXPECT_EQ(newest[key(shard)], memory->last_seq());
}

TEST_F(BetweenNodes, QuestionsAreAnsweredAtTheCutThatIsAsked) {
  upsert({"a", "b", "c"});
  std::size_t counted = 0;
  for (const std::uint32_t shard : {0, 1}) {
    const auto answer = ask_for_info(shard, memory->last_seq());
    const auto* info = std::get_if<ShardInfo>(&answer);
    ASSERT_NE(info, nullptr);
    EXPECT_EQ(info->node, "n1");
    counted += info->documents;
  }
  EXPECT_EQ(counted, 3U);
  EXPECT_EQ(std::get<Error>(ask_for_info(0, 1'000)).code, ErrorCode::kUnavailable);
}

TEST_F(BetweenNodes, AShardThatDiesIsGivenUpAndFoundAgain) {
  broken = true;
  kill_shard({0});
  EXPECT_FALSE(heard.far.contains(key(0)));
  EXPECT_TRUE(heard.far.contains(key(1)));
  broken = false;
  pass_slowly(3s);
  EXPECT_TRUE(heard.far.contains(key(0)));
}

TEST(FarQuestions, AVectorThatManyAreAskedForCrossesOnce) {
  shard_search_request search;
  search.query.vector = {1, 2, 3};
  auto other = search;
  other.query.vector = {4};
  const std::vector<far_question> questions{{1, kKey, search},
                                            {2, kKey, search},
                                            {3, kKey, info_request{}},
                                            {4, kKey, other},
                                            {5, kKey, shard_search_request{}}};
  auto packed = pack(questions);
  EXPECT_EQ(packed.vectors.size(), 2U);
  const auto back = unpack(packed);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i)
    EXPECT_EQ(to_bytes((*back)[i].key), to_bytes(questions[i].key));
  EXPECT_EQ(std::get<shard_search_request>((*back)[1].body).query.vector, search.query.vector);
  EXPECT_EQ(std::get<shard_search_request>((*back)[3].body).query.vector, other.query.vector);
  packed.vector_of[0] = 9;
  EXPECT_FALSE(unpack(packed)) << "there is no such vector";
  packed.vector_of.pop_back();
  EXPECT_FALSE(unpack(packed));
}

}  // namespace
}  // namespace mosaic::actors
