#include "query/result_cache.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <thread>
#include <vector>

namespace mosaic::query {
namespace {

constexpr std::uint64_t kPlenty = 1 << 20;

std::shared_ptr<const SearchReply> reply_at(Seq seq, std::size_t text_bytes = 1) {
  SearchReply reply;
  reply.seq = seq;
  reply.hits.resize(1);
  reply.hits[0].stored.document.id = "d" + std::to_string(seq);
  reply.hits[0].stored.document.text = std::string(text_bytes, 'x');
  return std::make_shared<const SearchReply>(std::move(reply));
}

SearchRequest request_of() {
  SearchRequest request;
  request.collection = "docs";
  request.query = "words";
  request.vector = {1, 2};
  return request;
}

TEST(ResultCache, GivesAnAnswerAtItsOwnSeqAlone) {
  ResultCache cache(kPlenty);
  cache.keep("a", reply_at(5));
  EXPECT_EQ(cache.find("a", 4), nullptr);
  EXPECT_EQ(cache.find("a", 6), nullptr);
  EXPECT_EQ(cache.find("b", 5), nullptr);
  ASSERT_NE(cache.find("a", 5), nullptr);
  EXPECT_EQ(cache.find("a", 5)->hits[0].stored.document.id, "d5");
}

TEST(ResultCache, ALateAnswerOfAnOlderStateDoesNotPushOutANewerOne) {
  ResultCache cache(kPlenty);
  cache.keep("a", reply_at(6));
  cache.keep("a", reply_at(5));
  EXPECT_NE(cache.find("a", 6), nullptr);
  EXPECT_EQ(cache.find("a", 5), nullptr);
  cache.keep("a", reply_at(7));
  EXPECT_NE(cache.find("a", 7), nullptr);
}

TEST(ResultCache, IsBoundedByBytesAndKeepsNoAnswerThatTakesTooMuchOfThem) {
  ResultCache cache(kPlenty);
  for (int i = 0; i < 100; ++i) {
    cache.keep(std::to_string(i), reply_at(1, 40'000));
    EXPECT_LE(cache.bytes(), kPlenty);
  }
  EXPECT_EQ(cache.find("0", 1), nullptr) << "the least recently used has gone";
  EXPECT_NE(cache.find("99", 1), nullptr);
  cache.keep("large", reply_at(1, kPlenty / 8));
  EXPECT_EQ(cache.find("large", 1), nullptr);
  EXPECT_NE(cache.find("99", 1), nullptr) << "and pushed nobody out";
}

TEST(ResultCache, WithoutBytesItIsOff) {
  ResultCache cache(0);
  EXPECT_FALSE(cache.on());
  cache.keep("a", reply_at(1));
  EXPECT_EQ(cache.find("a", 1), nullptr);
}

/// Everything that may be asked for changes the name, or a reply would go to another question.
TEST(ResultKey, TellsApartAllThatBearsOnTheHits) {
  const std::vector<std::function<void(SearchRequest&)>> changes = {
      [](auto& r) { r.query = "other"; },
      [](auto& r) { r.query.reset(); },
      [](auto& r) {
        r.vector = {1, 3};
      },
      [](auto& r) { r.vector = {}; },
      [](auto& r) { r.document = "d"; },
      [](auto& r) { r.k = 11; },
      [](auto& r) { r.mode = SearchMode::kText; },
      [](auto& r) { r.fusion = Fusion::kRrf; },
      [](auto& r) { r.weights.vector = 1; },
      [](auto& r) { r.weights.text = 0.5; },
      [](auto& r) { r.weights.pagerank = 0.5; },
      [](auto& r) { r.diversity = 0.5; },
      [](auto& r) { r.filter = "{}"; },
      [](auto& r) { r.where = "1"; },
      [](auto& r) { r.min_score = 0; },
      [](auto& r) { r.ef = 10; },
      [](auto& r) { r.exact = true; },
      [](auto& r) { r.shards_to_search = 1; },
      [](auto& r) { r.include.text = false; },
      [](auto& r) { r.include.vector = true; },
  };
  std::set<std::string> keys = {result_key(1, request_of()), result_key(2, request_of())};
  for (const auto& change : changes) {
    auto request = request_of();
    change(request);
    keys.insert(result_key(1, request));
  }
  EXPECT_EQ(keys.size(), changes.size() + 2);
}

TEST(ResultKey, LeavesOutWhatDoesNot) {
  auto request = request_of();
  request.timeout_ms = 77;
  request.trace_id = "trace";
  EXPECT_EQ(result_key(1, request), result_key(1, request_of()));
}

TEST(ResultCache, WhatIsAboutOneSearchIsNeitherGivenNorKept) {
  auto request = request_of();
  EXPECT_TRUE(may_recall(request));
  request.explain = true;
  EXPECT_FALSE(may_recall(request));
  request.explain = false;
  request.audit = true;
  EXPECT_FALSE(may_recall(request));
  request.audit = false;
  request.as_of.emplace();
  EXPECT_FALSE(may_recall(request));

  SearchReply reply;
  EXPECT_TRUE(may_keep(reply));
  reply.failed.push_back({});
  EXPECT_FALSE(may_keep(reply));
  reply.failed.clear();
  reply.partial = true;
  EXPECT_FALSE(may_keep(reply));
}

TEST(ResultCache, ServesManyThreads) {
  ResultCache cache(16 << 10);
  const auto work = [&](Seq thread) {
    for (Seq round = 1; round < 500; ++round) {
      const auto key = std::to_string(round % 7);
      const auto seq = round + thread;
      cache.keep(key, reply_at(seq, 100 * thread));
      if (const auto found = cache.find(key, seq)) {
        EXPECT_EQ(found->hits[0].stored.document.id, "d" + std::to_string(seq));
      }
    }
  };
  std::vector<std::jthread> threads;
  for (Seq thread = 0; thread < 4; ++thread) threads.emplace_back(work, thread);
}

}  // namespace
}  // namespace mosaic::query
