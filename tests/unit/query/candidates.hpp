// Candidates in short, and random ones that lie over shards.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "query/rank.hpp"

namespace mosaic::query {

using Ids = std::vector<std::string>;
using Arms = std::vector<std::vector<Candidate>>;

inline Candidate candidate(std::string id, double score) {
  Candidate made;
  made.id = std::move(id);
  made.score = score;
  return made;
}

inline Candidate from_vector(std::string id, double score) {
  auto made = candidate(std::move(id), score);
  made.vector_score = score;
  made.distance = 1 - score;
  return made;
}

inline Candidate from_text(std::string id, double score,
                           std::optional<double> vector_score = std::nullopt) {
  auto made = candidate(std::move(id), score);
  made.text_score = score;
  made.vector_score = vector_score;
  return made;
}

inline Candidate with_pagerank(Candidate made, double pagerank) {
  made.pagerank = pagerank;
  return made;
}

inline Ids ids(const std::vector<Candidate>& candidates) {
  Ids list;
  for (const auto& one : candidates) list.push_back(one.id);
  return list;
}

inline double sum(const ScoreParts& parts) {
  return parts.vector.value_or(0) + parts.text.value_or(0) + parts.pagerank.value_or(0) +
         parts.diversity.value_or(0);
}

inline bool by_score_then_id(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.id < b.id;
}

/// Every score is the sum of its parts, and scores fall, ties by id.
inline void expect_ranking(const std::vector<Candidate>& ranked) {
  for (const auto& one : ranked) EXPECT_NEAR(sum(one.parts), one.score, 1e-12) << one.id;
  EXPECT_TRUE(std::is_sorted(ranked.begin(), ranked.end(), by_score_then_id));
}

/// A collection with many equal scores, what each arm finds of it, and what lies where.
class RandomCollection {
 public:
  RandomCollection(std::uint64_t seed, std::size_t documents) : random_(seed) {
    for (std::size_t i = 0; i < documents; ++i) {
      Candidate one;
      one.id = std::to_string(i);
      one.row = static_cast<Row>(i);
      if (pick(10) > 0) one.vector_score = static_cast<double>(pick(20)) / 10 - 0.5;
      if (pick(10) > 3) one.text_score = static_cast<double>(1 + pick(30)) / 4;
      if (pick(10) > 2) one.pagerank = 1.0 / static_cast<double>(1 + pick(40));
      documents_.push_back(std::move(one));
    }
  }

  std::size_t pick(std::size_t below) { return random_() % below; }

  RankPlan plan(SearchMode mode) {
    RankPlan plan;
    plan.mode = mode;
    plan.fusion = pick(2) == 0 ? Fusion::kRrf : Fusion::kWeighted;
    plan.weights = {static_cast<double>(pick(4)), static_cast<double>(pick(3)) / 2,
                    static_cast<double>(pick(3)) / 4};
    if (plan.weights.text == 0) plan.weights.vector = 1;
    plan.k = 1 + pick(60);
    plan.full_text_score = static_cast<double>(pick(5)) * 4;
    if (pick(3) == 0) plan.min_score = static_cast<double>(pick(10)) / 200;
    if (pick(2) == 0) plan.diversity = static_cast<double>(1 + pick(10)) / 10;
    return plan;
  }

  /// What `shards` shards would answer: each the first `depth` of its own.
  void spread(std::size_t shards, std::size_t depth, Arms& vector_arms, Arms& text_arms) {
    vector_arms.assign(shards, {});
    text_arms.assign(shards, {});
    for (auto one : documents_) {
      const auto shard = pick(shards);
      if (one.vector_score) {
        auto found = one;
        found.score = *one.vector_score;
        found.text_score.reset();  // a shard does not look for the text of these
        vector_arms[shard].push_back(found);
      }
      if (one.text_score) {
        one.score = *one.text_score;
        text_arms[shard].push_back(one);
      }
    }
    for (auto* arms : {&vector_arms, &text_arms}) {
      for (auto& arm : *arms) {
        std::sort(arm.begin(), arm.end(), by_score_then_id);
        arm.resize(std::min(depth, arm.size()));
      }
    }
  }

  const std::vector<Candidate>& documents() const { return documents_; }

 private:
  std::mt19937_64 random_;
  std::vector<Candidate> documents_;
};

}  // namespace mosaic::query
