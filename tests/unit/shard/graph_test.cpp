// What PageRank needs of a shard: its documents and links as of one seq, and the values it is given
// back.
#include <fmt/format.h>

#include <set>

#include "shard/session.hpp"
#include "shard_fixture.hpp"

namespace mosaic::shard {
namespace {

struct ShardGraph : ShardFixture {
  void SetUp() override { open(); }

  static Document linked(std::string id, std::vector<std::string> targets) {
    auto document = make_document(std::move(id), {});
    for (auto& target : targets) document.links.push_back({std::move(target), "depends", 2});
    return document;
  }

  void rank(const PageRankValues& values) {
    const auto bytes = std::make_shared<const std::string>(encode_pagerank(values));
    shard->apply({{++seq, EntryKind::kPageRank, bytes}});
  }

  std::optional<double> rank_of(const std::string& id) {
    return searcher().get(0, id, {}, {}).value().documents.at(0).pagerank;
  }
};

TEST_F(ShardGraph, PagesGiveEachDocumentAndLinkOnceWhileTheShardGoesOn) {
  constexpr int kDocuments = 27'000;
  for (int from = 0; from < kDocuments; from += 9'000) {
    WriteBatch batch;
    for (int i = from; i < from + 9'000; ++i)
      batch.documents.push_back(linked(fmt::format("d{}", i), {"hub", fmt::format("d{}", i + 1)}));
    write(batch);
  }
  const Seq as_of = seq;
  std::set<std::string> documents;
  std::set<std::pair<std::string, std::string>> edges;
  GraphPosition position;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const auto page = searcher().graph_page(as_of, position, {});
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_LE(page->documents.size() + page->edges.size(), kGraphPageMax);
    for (const auto& id : page->documents) EXPECT_TRUE(documents.insert(id).second) << id;
    for (const auto& edge : page->edges) {
      EXPECT_TRUE(edges.emplace(edge.source, edge.target).second) << edge.source;
      EXPECT_EQ(edge.weight, 2);
    }
    position = page->next;
    more = page->more;
    write({{linked("new", {"d0"}), linked(fmt::format("d{}", pages), {"new"})},
           {{fmt::format("d{}", 100 + pages), 0}}});
  }
  EXPECT_EQ(documents.size(), kDocuments);
  EXPECT_EQ(edges.size(), 2U * kDocuments);
  EXPECT_FALSE(documents.contains("new"));
  EXPECT_GE(pages, 5);
}

TEST_F(ShardGraph, CannotTellAStateItHasNotReached) {
  write({{linked("a", {"b"})}, {}});
  const auto page = searcher().graph_page(2, {}, {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(page.error().detail, "the shard stands at seq 1 and cannot tell its links as of 2");
}

TEST_F(ShardGraph, TellsAStateThatHasNoViewAnyMore) {
  write({{linked("a", {"b"})}, {}});
  for (std::size_t i = 0; i < kViewsMax + 2; ++i) write({{linked("a", {"c"})}, {}});
  const auto page = searcher().graph_page(1, {}, {});
  ASSERT_EQ(page->edges.size(), 1U);
  EXPECT_EQ(page->edges[0].target, "b");
  EXPECT_FALSE(page->more);
}

TEST_F(ShardGraph, KeepsItsDeadline) {
  write({{linked("a", {"b"})}, {}});
  WriteBatch batch;
  for (int i = 0; i < 5'000; ++i) batch.documents.push_back(linked(fmt::format("d{}", i), {"a"}));
  write(batch);
  const auto page = searcher().graph_page(2, {}, Deadline{TimePoint{}});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(ShardGraph, ShowsThePageRankOfTheLastEntry) {
  write({{linked("a", {"b"}), linked("b", {}), linked("c", {})}, {}});
  EXPECT_EQ(rank_of("a"), std::nullopt);
  rank({1, {"a", "b"}, {0.25, 0.75}});
  EXPECT_EQ(rank_of("a"), 0.25);
  EXPECT_EQ(rank_of("c"), std::nullopt);
  rank({2, {"b", "c"}, {0.5, 0.5}});
  EXPECT_EQ(rank_of("a"), std::nullopt);
  EXPECT_EQ(rank_of("c"), 0.5);
}

TEST_F(ShardGraph, AReplacedDocumentKeepsItsPageRank) {
  write({{linked("a", {"b"})}, {}});
  rank({1, {"a"}, {1}});
  write({{linked("a", {"c"})}, {}});
  EXPECT_EQ(rank_of("a"), 1);
}

TEST_F(ShardGraph, APageRankEntryIsOneOfItsGroup) {
  const auto documents =
      std::make_shared<const std::string>(encode_write({{linked("a", {"b"})}, {}}));
  const auto values = std::make_shared<const std::string>(encode_pagerank({1, {"a"}, {1}}));
  shard->apply({{1, EntryKind::kWrite, documents}, {2, EntryKind::kPageRank, values}});
  EXPECT_EQ(rank_of("a"), 1);
  const auto damaged = std::make_shared<const std::string>(values->substr(1));
  const auto other = std::make_shared<const std::string>(encode_pagerank({1, {"a"}, {0.5}}));
  const std::vector<ShardEntry> group{{3, EntryKind::kPageRank, other},
                                      {4, EntryKind::kPageRank, damaged}};
  EXPECT_THROW(shard->apply(group), Failure);
  EXPECT_EQ(shard->applied_seq(), 2U);
  EXPECT_EQ(rank_of("a"), 1);
}

TEST_F(ShardGraph, PageRankOutlivesReopeningAndIsNotAppliedTwice) {
  write({{linked("a", {"b"})}, {}});
  rank({1, {"a"}, {1}});
  shard.reset();
  options.made = true;
  open();
  EXPECT_EQ(rank_of("a"), 1);
  const auto other = std::make_shared<const std::string>(encode_pagerank({1, {"a"}, {0.5}}));
  shard->apply({{2, EntryKind::kPageRank, other}});
  EXPECT_EQ(rank_of("a"), 1);
}

TEST_F(ShardGraph, AnOlderViewKeepsThePageRankOfItsTime) {
  write({{linked("a", {"b"})}, {}});
  rank({1, {"a"}, {1}});
  const auto ranked = [&](Seq cut) {
    Session session(*shard->views(), cut, {});
    return session.reader().rows_where("pagerank = 1").count();
  };
  EXPECT_EQ(ranked(2), 1U);
  rank({1, {"a"}, {0.5}});
  EXPECT_EQ(ranked(2), 1U);
  EXPECT_EQ(ranked(3), 0U);
}

}  // namespace
}  // namespace mosaic::shard
