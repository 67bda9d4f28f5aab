// Searches of a coordinator over shards that other nodes hold.
#include "search_fixture.hpp"
#include "shard/search_plan.hpp"

namespace mosaic::actors {
namespace {

/// Stands for the nodes that hold a shard.
using answering = std::function<far_answer_body(const far_question&)>;
far_shards_actor::behavior_type fake_elsewhere(far_shards_actor::pointer, answering answer) {
  return {[=](ask_atom, const far_question& question) {
    return far_answer{question.number, answer(question)};
  }};
}

struct FarSearchTest : SearchFixture {
  /// The last shard is on other nodes alone, which answer so.
  far_shards_actor move_last_elsewhere(answering answer) {
    const ShardId last{settings.shards - 1};
    lose(last, {ErrorCode::kUnavailable, "it lives elsewhere"});
    const far_shards_actor others = system.spawn(fake_elsewhere, std::move(answer));
    caf::anon_send(coordinator_under_test, replicas_atom_v, shard_key{kDocs, last}, others);
    run();
    return others;
  }
};

TEST_F(FarSearchTest, AsksOtherNodesForAShardThatTheyHold) {
  start({2, 0});
  std::vector<shard_key> asked;
  const auto others = move_last_elsewhere([&](const far_question& question) -> far_answer_body {
    asked.push_back(question.key);
    if (std::holds_alternative<fetch_request>(question.body)) {
      Document document;
      document.id = "far";
      return shard::FoundDocuments{{{document, 1, {}, {1}}}, 0};
    }
    query::Candidate candidate;
    candidate.shard = {1};
    candidate.id = "far";
    candidate.score = 0.7;
    candidate.vector_score = 0.7;
    shard::ShardCandidates found{1, 1, {}, {}};
    found.vector_arm = {candidate};
    return found;
  });
  const auto reply = search(by_vector());
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_FALSE(reply->partial);
  ASSERT_EQ(reply->hits.size(), 3U);
  EXPECT_EQ(reply->hits[1].stored.document.id, "far") << "between 1 and 0.5";
  EXPECT_EQ(asked, std::vector(2, shard_key{kDocs, {1}}));
  end(others);
}

TEST_F(FarSearchTest, DocumentsThatAreLikelyToBeWantedComeAtOnce) {
  start({20, 0});
  std::vector<std::optional<Include>> wanted;
  std::vector<std::size_t> fetched;
  const auto others = move_last_elsewhere([&](const far_question& question) -> far_answer_body {
    const auto far = [](Row row) {
      return StoredDocument{Document{"far" + std::to_string(row), {}, {}, {}, {}, {}}, 1, {}, {1}};
    };
    if (const auto* fetch = std::get_if<fetch_request>(&question.body)) {
      fetched.push_back(fetch->rows.size());
      shard::FoundDocuments found;
      for (const auto row : fetch->rows) found.documents.push_back(far(row));
      return found;
    }
    const auto& query = std::get<shard_search_request>(question.body).query;
    wanted.push_back(query.documents);
    shard::ShardCandidates found{1, 1, {}, {}};
    for (Row row = 0; row < static_cast<Row>(query.depth); ++row) {
      query::Candidate candidate;
      candidate.shard = {1};
      candidate.row = row;
      candidate.id = far(row).document.id;
      candidate.score = candidate.vector_score.emplace(0.99 - 0.01 * static_cast<double>(row));
      found.vector_arm.push_back(candidate);
      if (found.stored.size() < query.documents_max) found.stored.push_back(far(row));
    }
    return found;
  });
  auto request = by_vector();
  request.k = 2;
  auto found = search(request);
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_EQ(found->hits.size(), 2U);
  EXPECT_EQ(found->hits[1].stored.document.id, "far0");
  EXPECT_TRUE(fetched.empty());
  request.k = 20;
  found = search(request);
  ASSERT_EQ(found->hits.size(), 20U);
  EXPECT_EQ(found->hits[19].stored.document.id, "far18");
  EXPECT_EQ(fetched, std::vector{19 - shard::likely_hits(20, 2)}) << "more than was to be expected";
  request.diversity = 0.5;
  ASSERT_TRUE(search(request));
  EXPECT_TRUE(wanted.at(0) && wanted.at(1));
  EXPECT_FALSE(wanted.at(2)) << "it is not known which of them stay";
  end(others);
}

TEST_F(FarSearchTest, SaysWhyAShardOfOtherNodesIsMissing) {
  start({1, 1});
  const Error error{ErrorCode::kCorruptData, "damaged there"};
  for (const auto& [body, code] : {std::pair<far_answer_body, ErrorCode>{error, error.code},
                                   {std::uint64_t{7}, ErrorCode::kInternal}}) {
    const auto others = move_last_elsewhere([body = body](const far_question&) { return body; });
    const auto reply = search(by_vector());
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_TRUE(reply->partial);
    ASSERT_EQ(reply->failed.size(), 1U);
    EXPECT_EQ(reply->failed[0].error.code, code);
    end(others);
  }
}

}  // namespace
}  // namespace mosaic::actors
