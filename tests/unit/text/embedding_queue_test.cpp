#include "text/embedding_queue.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace mosaic::text {
namespace {

using std::chrono::milliseconds;
using Texts = std::vector<std::string>;

constexpr TimePoint kStart{std::chrono::hours(1)};

EmbeddingRequest request(Texts texts, milliseconds time = milliseconds(1'000)) {
  return {"openai:http://h", 2, std::move(texts), Deadline::in(kStart, time)};
}

EmbeddingQueue::Limits limits(std::size_t batch_max = 100) {
  return {1 << 20, batch_max, kTextsWaitingMax};
}

/// The vector that stands for a text in these tests.
Vector vector_of(const std::string& text) {
  return {static_cast<float>(text.size()),
          static_cast<float>(std::hash<std::string>()(text) % 997)};
}

std::vector<Vector> vectors_of(const Texts& texts) {
  std::vector<Vector> vectors;
  for (const auto& text : texts) vectors.push_back(vector_of(text));
  return vectors;
}

/// The only answer there is.
EmbeddingAnswer answer_of(EmbeddingQueue& queue) {
  auto answers = queue.take_answers();
  EXPECT_EQ(answers.size(), 1U);
  if (answers.size() != 1) return {0, Error{}};
  return std::move(answers[0]);
}

TEST(EmbeddingQueue, AnswersWhenAllTextsAreThere) {
  EmbeddingQueue queue(limits(2));
  queue.add(1, request({"a", "b", "c"}));
  const auto first = queue.next_batch();
  const auto second = queue.next_batch();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(queue.next_batch());
  EXPECT_EQ(first->request.texts, (Texts{"a", "b"}));
  EXPECT_EQ(second->request.texts, (Texts{"c"}));
  EXPECT_EQ(second->request.embedder, "openai:http://h");
  queue.finish(second->id, vectors_of({"c"}));
  EXPECT_TRUE(queue.take_answers().empty());
  queue.finish(first->id, vectors_of({"a", "b"}));
  const auto answer = answer_of(queue);
  EXPECT_EQ(answer.request, 1U);
  EXPECT_EQ(*answer.vectors, vectors_of({"a", "b", "c"}));
  EXPECT_TRUE(queue.idle());
}

TEST(EmbeddingQueue, AsksForATextOnce) {
  EmbeddingQueue queue(limits());
  queue.add(1, request({"a", "b", "a"}));
  const auto batch = queue.next_batch();
  queue.add(2, request({"b"}));
  EXPECT_FALSE(queue.next_batch());
  EXPECT_EQ(batch->request.texts, (Texts{"a", "b"}));
  queue.finish(batch->id, vectors_of({"a", "b"}));
  EXPECT_EQ(queue.take_answers().size(), 2U);
  queue.add(3, request({"b", "a"}));
  EXPECT_EQ(*answer_of(queue).vectors, vectors_of({"b", "a"}));
  EXPECT_FALSE(queue.next_batch());
}

TEST(EmbeddingQueue, KeepsEmbeddersAndDimensionsApart) {
  EmbeddingQueue queue(limits());
  queue.add(1, request({"a"}));
  auto other = request({"a"});
  other.embedder = "openai:http://other";
  queue.add(2, other);
  other.dimension = 5;
  queue.add(3, other);
  EXPECT_EQ(queue.next_batch()->request.dimension, 2U);
  EXPECT_EQ(queue.next_batch()->request.embedder, "openai:http://other");
  EXPECT_EQ(queue.next_batch()->request.dimension, 5U);
}

TEST(EmbeddingQueue, BlankTextsHaveNoVectorAndAreNotAskedFor) {
  EmbeddingQueue queue(limits());
  queue.add(1, request({"", " \n"}));
  EXPECT_EQ(*answer_of(queue).vectors, (std::vector<Vector>{{}, {}}));
  queue.add(2, request({}));
  EXPECT_TRUE(answer_of(queue).vectors->empty());
}

TEST(EmbeddingQueue, RequestsTakeTurns) {
  EmbeddingQueue queue(limits(1));
  queue.add(1, request({"a", "b", "c"}));
  queue.add(2, request({"x"}));
  EXPECT_EQ(queue.next_batch()->request.texts, (Texts{"a"}));
  EXPECT_EQ(queue.next_batch()->request.texts, (Texts{"x"}));
  EXPECT_EQ(queue.next_batch()->request.texts, (Texts{"b"}));
}

TEST(EmbeddingQueue, AFailureIsThatOfAllWhoWaitForTheText) {
  EmbeddingQueue queue(limits());
  queue.add(1, request({"a"}));
  queue.add(2, request({"a", "b"}));
  queue.add(3, request({"c"}));
  const auto batch = queue.next_batch();
  queue.finish(batch->id, Error{ErrorCode::kUnavailable, "down"});
  const auto answers = queue.take_answers();
  ASSERT_EQ(answers.size(), 2U);
  for (const auto& answer : answers) EXPECT_EQ(answer.vectors.error().detail, "down");
  EXPECT_EQ(queue.next_batch()->request.texts, (Texts{"c"}));
  EXPECT_FALSE(queue.next_batch());
}

TEST(EmbeddingQueue, WhoHasLongerAsksAgain) {
  EmbeddingQueue queue(limits());
  queue.add(1, request({"a", "b"}, milliseconds(10)));
  queue.add(2, request({"b"}, milliseconds(100)));
  const auto batch = queue.next_batch();
  EXPECT_FALSE(queue.next_batch());
  queue.finish(batch->id, Error{ErrorCode::kDeadlineExceeded, "slow"});
  EXPECT_EQ(answer_of(queue).request, 1U);
  const auto again = queue.next_batch();
  EXPECT_EQ(again->request.texts, (Texts{"b"}));
  queue.finish(again->id, vectors_of({"b"}));
  EXPECT_EQ(*answer_of(queue).vectors, vectors_of({"b"}));
}

TEST(EmbeddingQueue, RequestsExpireAtTheirDeadline) {
  EmbeddingQueue queue(limits());
  queue.add(1, request({"a"}, milliseconds(10)));
  queue.add(2, request({"a", "b"}, milliseconds(20)));
  queue.expire(kStart + milliseconds(9));
  EXPECT_TRUE(queue.take_answers().empty());
  queue.expire(kStart + milliseconds(10));
  EXPECT_EQ(answer_of(queue).vectors.error().code, ErrorCode::kDeadlineExceeded);
  // The other still gets its text, whoever asked for it first.
  EXPECT_EQ(queue.next_batch()->request.texts, (Texts{"a", "b"}));
  queue.expire(kStart + milliseconds(20));
  EXPECT_EQ(answer_of(queue).request, 2U);
  EXPECT_TRUE(queue.idle());
}

TEST(EmbeddingQueue, WhatComesTooLateIsRememberedAllTheSame) {
  EmbeddingQueue queue(limits());
  queue.add(1, request({"a"}, milliseconds(10)));
  const auto batch = queue.next_batch();
  queue.expire(kStart + milliseconds(10));
  queue.take_answers();
  queue.finish(batch->id, vectors_of({"a"}));
  EXPECT_TRUE(queue.take_answers().empty());
  queue.add(2, request({"a"}));
  EXPECT_EQ(*answer_of(queue).vectors, vectors_of({"a"}));
}

TEST(EmbeddingQueue, HowManyDimensionsThereAreIsAskedAnew) {
  EmbeddingQueue queue(limits());
  for (std::uint64_t id : {1, 2}) {
    auto probe = request({"a"});
    probe.dimension = 0;
    queue.add(id, probe);
    const auto batch = queue.next_batch();
    ASSERT_TRUE(batch);
    queue.finish(batch->id, vectors_of({"a"}));
    EXPECT_EQ(answer_of(queue).request, id);
  }
}

TEST(EmbeddingQueue, IsOverloadedPastItsLimit) {
  EmbeddingQueue queue({1 << 20, 10, 3});
  queue.add(1, request({"a", "b", "c"}));
  EXPECT_TRUE(queue.take_answers().empty());
  queue.add(2, request({"a"}));
  EXPECT_EQ(answer_of(queue).vectors.error(),
            (Error{ErrorCode::kOverloaded, "more than 3 texts wait to be embedded"}));
  queue.expire(kStart + milliseconds(1'000));
  queue.take_answers();
  queue.add(3, request({"a", "b", "c"}));
  EXPECT_TRUE(queue.take_answers().empty());
  EXPECT_EQ(queue.next_batch()->request.texts, (Texts{"a", "b", "c"}));
}

/// A new one in each run, or the one that a failed run named.
std::uint32_t seed_of_run() {
  const char* given = std::getenv("MOSAIC_TEST_SEED");
  return given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device()();
}

/// Every request is answered once: rightly, with an error that a batch had, or at its deadline.
TEST(EmbeddingQueue, AnswersEverybodyOnceInAnyOrderOfEvents) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    EmbeddingQueue queue({random() % 4'000, 1 + random() % 4, 30});
    std::map<std::uint64_t, EmbeddingRequest> open;
    std::vector<EmbeddingBatch> under_way;
    auto now = kStart;
    std::uint64_t id = 0;
    for (int step = 0; step < 200; ++step) {
      const auto kind = random() % 10;
      if (kind < 3) {
        Texts texts(random() % 6);
        for (auto& text : texts)
          text = std::string(random() % 3, ' ') + std::to_string(random() % 9);
        auto made = request(texts);
        made.dimension = static_cast<std::uint32_t>(random() % 2);
        made.deadline = Deadline::in(now, milliseconds(random() % 30));
        open.emplace(++id, made);
        queue.add(id, std::move(made));
      } else if (kind < 6) {
        if (auto batch = queue.next_batch()) under_way.push_back(std::move(*batch));
      } else if (kind < 9 && !under_way.empty()) {
        std::swap(under_way[random() % under_way.size()], under_way.back());
        const auto batch = std::move(under_way.back());
        under_way.pop_back();
        const auto outcome = random() % 4;
        if (outcome == 0) {
          queue.finish(batch.id, Error{ErrorCode::kUnavailable, "down"});
        } else if (outcome == 1) {
          queue.finish(batch.id, Error{ErrorCode::kDeadlineExceeded, "slow"});
        } else {
          queue.finish(batch.id, vectors_of(batch.request.texts));
        }
      } else {
        now += milliseconds(random() % 5);
        queue.expire(now);
      }
      ASSERT_LE(queue.cache().bytes(), 4'000U);
      for (auto& answer : queue.take_answers()) {
        const auto asked = open.extract(answer.request);
        ASSERT_FALSE(asked.empty());
        if (!answer.vectors) continue;
        ASSERT_EQ(*answer.vectors, vectors_of(asked.mapped().texts));
      }
      ASSERT_EQ(queue.idle(), open.empty());
    }
    queue.expire(now + milliseconds(30));
    ASSERT_EQ(queue.take_answers().size(), open.size());
    // What is left under way ends without anybody, and nothing is left over.
    for (const auto& batch : under_way) queue.finish(batch.id, vectors_of(batch.request.texts));
    ASSERT_TRUE(queue.idle());
    ASSERT_FALSE(queue.next_batch());
  }
}

}  // namespace
}  // namespace mosaic::text
