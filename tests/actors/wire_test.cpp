// CAF does not check at compile time that a type can leave the process: each message is sent
// through a wire here.
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include "actor_fixture.hpp"

namespace mosaic::actors {
namespace {

struct Wire : ActorFixture {
  template <class T>
  T carried(T value) {
    std::vector<char> bytes;
    caf::binary_serializer sink(system, bytes);
    auto message = caf::make_message(std::move(value));
    EXPECT_FALSE(sink(message));
    caf::binary_deserializer source(system, bytes);
    caf::message arrived;
    EXPECT_FALSE(source(arrived));
    EXPECT_TRUE(arrived.match_elements<T>());
    return arrived.match_elements<T>() ? arrived.get_as<T>(0) : T{};
  }

  Document document() {
    return {"a", "title", std::nullopt, {1, 2.5F}, R"({"x":1})", {{"b", "kind", 2}}};
  }
};

TEST_F(Wire, CarriesDocumentsWithPackedVectors) {
  EXPECT_EQ(carried(UpsertRequest{"docs", {document()}}).documents.at(0), document());
  EXPECT_EQ(carried(StoredDocument{document(), 7, 0.5, {3}}).pagerank, 0.5);
}

TEST_F(Wire, CarriesSearchesAndReplies) {
  SearchRequest request;
  request.query = "words";
  request.min_score = 0.25;
  request.include.links = true;
  const auto back = carried(request);
  EXPECT_EQ(back.query, "words");
  EXPECT_EQ(back.min_score, 0.25);
  EXPECT_EQ(back.include, request.include);

  SearchReply reply;
  reply.hits.resize(1);
  reply.hits[0].scores.text = 3.5;
  reply.failed = {{{2}, "n1", {ErrorCode::kUnavailable, "down"}}};
  EXPECT_EQ(carried(reply).hits.at(0).scores.text, 3.5);
  EXPECT_EQ(carried(reply).failed.at(0).error.detail, "down");
}

TEST_F(Wire, CarriesWhatGoesBetweenTheNodesParts) {
  EXPECT_EQ(carried(shard_key{{4}, {2}}), (shard_key{{4}, {2}}));
  EXPECT_EQ(carried(text_stats_request{3, "words", {}}).text, "words");
  EXPECT_EQ(carried(storage::TextStats{3, 9, {1, 2}}).documents_with.at(1), 2U);
  shard_search_request search;
  search.query.stats = storage::TextStats{3, 9, {1}};
  EXPECT_EQ(carried(search).query.stats->tokens, 9U);
  shard::ShardCandidates found{5, 9, {{{0}, 1, "a", 0.5, 0.5, 0.5, std::nullopt, 0.25, {}}}, {}};
  EXPECT_EQ(carried(found).vector_arm, found.vector_arm);
  EXPECT_EQ(carried(fetch_request{{1, 2}, {}, {}}).rows.size(), 2U);
  EXPECT_EQ(
      carried(shard::FoundDocuments{{StoredDocument{document(), 7, {}, {}}}}).documents.at(0).seq,
      7U);
  EXPECT_EQ(carried(shard_get_request{0, "a", {}, {}}).id, "a");
  EXPECT_EQ(carried(shard_list_request{0, {}, "x", {}}).after, "x");
  EXPECT_EQ(carried(shard_list_request{0, {}, "x", {}, 9}).as_of, 9U);
  EXPECT_EQ(carried(resolve_request{{7, "first"}, {}}).as_of, (AsOf{7, "first"}));
  EXPECT_EQ(carried(purgeable_request{7, 9, {}}).limit, 9U);
  EXPECT_EQ(carried(shard::Page{{}, true}).more, true);
  EXPECT_EQ(carried(count_request{0, {"a"}, {}}).ids.at(0), "a");
  EXPECT_EQ(carried(shard::DocumentCount{3, 1, 9}).seq, 9U);
  EXPECT_EQ(carried(matches_request{0, "{}", "1", {}}).where, "1");
  EXPECT_EQ(carried(matches_reply{{{"a", 3}}}).deletions.at(0).expected, 3U);
  const auto bytes = std::make_shared<const std::string>("entry");
  EXPECT_EQ(*carried(append_request{{1}, EntryKind::kWrite, bytes, {}, {}}).bytes, "entry");
  EXPECT_EQ(carried(append_reply{4, true, 2, {1}}).deleted, 2U);
  EXPECT_EQ(carried(refusal{1, {ErrorCode::kUnavailable, "full"}}).error.detail, "full");
  EXPECT_EQ(*carried(apply_group{{{1, EntryKind::kWrite, bytes}}}).entries.at(0).bytes, "entry");
  EXPECT_EQ(carried(applied_group{{{1}, {0}}, 3, {{3, 1}}}).deleted.at(0).documents, 1U);
  EXPECT_EQ(carried(checkpoint_report{{{1}, {0}}, 3, 4}).applied, 4U);
  EXPECT_EQ(carried(collection_opened{{1}, {}}).settings.dimension, kBuiltinDimension);
  EXPECT_EQ(carried(cut_moved{{1}, 5}).cut, 5U);
  EXPECT_EQ(
      carried(shard_lost{{{1}, {0}}, ShardState::kParked, {ErrorCode::kCorruptData, "x"}}).state,
      ShardState::kParked);
  EXPECT_EQ(carried(catalog_change{{3, {1}, EntryKind::kDropCollection, bytes, 9}}).entry.ticket,
            9U);
  EXPECT_EQ(carried(log_status{{{{1}, {0}}}}).not_level.size(), 1U);
  patch_request patch{"docs", {}};
  patch.patch.retention_s = 5;
  EXPECT_EQ(carried(patch).patch.retention_s, 5U);
  EXPECT_EQ(carried(collections_reply{{CollectionInfo{}}}).collections.size(), 1U);
  Health health;
  health.missing = {"x"};
  EXPECT_EQ(carried(health).missing.size(), 1U);
  EXPECT_TRUE(carried(CollectionPut{{}, true}).created);
}

TEST_F(Wire, CarriesWhatGoesBetweenNodes) {
  const NodeRecord node{7, "n7", "h:1", "h:2", "h:3"};
  EXPECT_EQ(carried(node), node);
  EXPECT_EQ(carried(cluster_hello{node, -3, {node, node}}).nodes.size(), 2U);
  EXPECT_EQ(carried(cluster_hello{node, -3, {}}).log_base, -3);
  EXPECT_EQ(carried(nodes_changed{{node}}).nodes.at(0), node);
  const auto report =
      carried(node_report{node, 9, true, {{{{1}, {2}}, "docs", ShardState::kUp, 8, true}}});
  EXPECT_TRUE(report.level);
  EXPECT_EQ(report.shards.at(0).collection, "docs");
  EXPECT_EQ(report.shards.at(0).seq, 8U);
  EXPECT_TRUE(report.shards.at(0).level);
  const auto bytes = std::make_shared<const std::string>("entry");
  const forwarded_append forwarded{{{1}, EntryKind::kWrite, bytes, {{2}}, {}, 3, {4, 5, 6}}, 7, 8};
  EXPECT_EQ(carried(forwarded).ticket, 8U);
  EXPECT_EQ(*carried(forwarded).request.bytes, "entry");
  EXPECT_EQ(carried(forwarded).request.request, forwarded.request.request);
  EXPECT_TRUE(carried(leader_reply{true}).outdated);
  EXPECT_EQ(carried(log_answer{1, 2, Error{ErrorCode::kUnavailable, "x"}}).error->detail, "x");
  EXPECT_EQ(carried(reach_request{{1}, 2, true, {}}).seq, 2U);
  EXPECT_EQ(carried(copy_request{{{1}, {2}}, 3}).key, (shard_key{{1}, {2}}));
  EXPECT_EQ(carried(copy_request{{{1}, {2}}, 3}).since, 3U);
  EXPECT_EQ(carried(copy_ready{1, "digest", 3}).sha256, "digest");
  ClusterStatus status{"n7",
                       2,
                       3,
                       {{"n7", "h:1", "h:2", NodeRole::kLeader, NodeState::kUp, 3, 0}},
                       {{"docs", {0}, {{"n7", ShardState::kUp, 3}}}}};
  EXPECT_EQ(carried(status).nodes.at(0).role, NodeRole::kLeader);
  EXPECT_EQ(carried(status).shards.at(0).replicas.at(0).node, "n7");
}

TEST_F(Wire, ADeadlineCrossesAsTheTimeThatIsLeft) {
  const auto now = std::chrono::steady_clock::now();
  const auto back =
      carried(fetch_request{{}, {}, Deadline::in(now, std::chrono::seconds(5))}).deadline;
  EXPECT_NEAR(std::chrono::duration<double>(back.at - now).count(), 5, 1);
}

TEST_F(Wire, RefusesBytesThatAreNoSuchType) {
  std::vector<char> bytes;
  caf::binary_serializer sink(system, bytes);
  std::string junk = "junk";
  ASSERT_FALSE(sink(junk));
  caf::binary_deserializer source(system, bytes);
  SearchRequest request;
  EXPECT_TRUE(source(request));
}

TEST_F(Wire, ErrorsKeepTheirCodeAndDetail) {
  const Error error{ErrorCode::kDimensionMismatch, "vector has 3 dimensions"};
  EXPECT_EQ(from_caf(to_caf(error)), error);
  EXPECT_EQ(from_caf(caf::make_error(caf::sec::request_timeout)).code,
            ErrorCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace mosaic::actors
