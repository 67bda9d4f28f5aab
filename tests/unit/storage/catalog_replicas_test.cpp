#include <gtest/gtest.h>

#include "storage/catalog.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

struct CatalogReplicas : testing::Test {
  test::TemporaryFolder folder;
  std::unique_ptr<Catalog> catalog = std::make_unique<Catalog>(folder / "catalog.db");
  Seq seq = 0;

  void reopen() {
    catalog.reset();
    catalog = std::make_unique<Catalog>(folder / "catalog.db");
  }

  Result<CollectionRecord> apply(EntryKind kind, CollectionId id, const std::string& bytes) {
    return catalog->apply(++seq, kind, id, bytes);
  }
  void join(std::uint64_t id) {
    const auto name = "n" + std::to_string(id);
    ASSERT_TRUE(apply(EntryKind::kSetNode, {}, encode_node({id, name, "h:1", "h:2", "h:3"})));
  }
  void forget(std::uint64_t id) {
    ASSERT_TRUE(apply(EntryKind::kForgetNode, {}, encode_node_id(id)));
  }

  static CollectionSettings settings(std::uint32_t replicas) {
    CollectionSettings made;
    made.name = "docs";
    made.dimension = 2;
    made.shards = 4;
    made.replicas = replicas;
    return made;
  }

  CollectionId make(std::uint32_t replicas) {
    const auto made =
        apply(EntryKind::kCreateCollection, {}, encode_collection({settings(replicas), {}}));
    EXPECT_TRUE(made);
    return made->id;
  }

  /// Of shard 1.
  const ReplicaSet& set() const { return catalog->find("docs")->replicas->at(1); }
  void set(const std::vector<Replica>& replicas, Seq before) {
    const auto id = catalog->find("docs")->id;
    ASSERT_TRUE(apply(EntryKind::kSetReplicas, id, encode_replica_change({{1}, before, replicas})));
  }
  /// Shard 1 on node 1 alone, of three.
  void hold_on_one() {
    make(1);
    for (const std::uint64_t id : {1, 2, 3}) join(id);
    ASSERT_EQ(set().replicas, (std::vector<Replica>{{1, true}}));
  }
};

TEST_F(CatalogReplicas, ANodeAloneHasNone) {
  make(3);
  EXPECT_TRUE(catalog->find("docs")->replicas->empty());
}

TEST_F(CatalogReplicas, WhatThereIsLivesOnTheNodeThatWasAlone) {
  hold_on_one();
  const Seq joined = 2;
  for (const auto& each : *catalog->find("docs")->replicas)
    EXPECT_EQ(each, (ReplicaSet{joined, {{1, true}}}));
}

TEST_F(CatalogReplicas, ANewCollectionIsSpread) {
  for (const std::uint64_t id : {1, 2, 3}) join(id);
  const auto id = make(2);
  const auto homes = rendezvous(id.value, 4, 2, {1, 2, 3});
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto& set = catalog->find("docs")->replicas->at(i);
    EXPECT_EQ(set.seq, id.value);
    NodeIds nodes;
    for (const auto& replica : set.replicas) {
      EXPECT_TRUE(replica.whole);
      nodes.push_back(replica.node);
    }
    EXPECT_EQ(nodes, homes[i]);
  }
}

TEST_F(CatalogReplicas, NothingNewGoesToANodeThatLeaves) {
  for (const std::uint64_t id : {1, 2, 3}) join(id);
  ASSERT_TRUE(apply(EntryKind::kNodeLeaves, {}, encode_node_id(2)));
  reopen();
  EXPECT_TRUE(catalog->leaving_nodes().contains(2));
  make(2);
  for (const auto& each : *catalog->find("docs")->replicas)
    EXPECT_EQ(each.replicas, (std::vector<Replica>{{1, true}, {3, true}}));
}

TEST_F(CatalogReplicas, MoveAndAreKept) {
  hold_on_one();
  set({{1, true}, {2, false}}, set().seq);
  set({{1, true}, {2, true}}, set().seq);
  set({{2, true}}, set().seq);
  reopen();
  EXPECT_EQ(set(), (ReplicaSet{seq, {{2, true}}}));
}

TEST_F(CatalogReplicas, AChangeOfWhatWasBeforeDoesNothing) {
  hold_on_one();
  const auto before = set();
  set({{1, true}, {2, false}}, before.seq - 1);
  EXPECT_EQ(set(), before);
  EXPECT_EQ(catalog->applied_seq(), seq);
}

TEST_F(CatalogReplicas, SomeNodeAlwaysHasAllOfIt) {
  hold_on_one();
  const auto before = set();
  using Wanted = std::vector<Replica>;
  for (const auto& wanted : {Wanted{}, Wanted{{2, false}}, Wanted{{1, false}}, Wanted{{2, true}},
                             Wanted{{1, true}, {2, true}}, Wanted{{1, true}, {9, false}}}) {
    set(wanted, before.seq);
    EXPECT_EQ(set(), before);
  }
}

TEST_F(CatalogReplicas, WhatAForgottenNodeHadIsLostWithIt) {
  hold_on_one();
  set({{1, true}, {2, false}}, set().seq);
  forget(1);
  const auto forgotten = seq;
  EXPECT_EQ(set(), (ReplicaSet{forgotten, {{2, false}}}));
  EXPECT_EQ(catalog->find("docs")->replicas->at(0), (ReplicaSet{forgotten, {}}));
  reopen();
  EXPECT_EQ(set(), (ReplicaSet{forgotten, {{2, false}}}));
  EXPECT_EQ(catalog->find("docs")->replicas->at(0), (ReplicaSet{forgotten, {}}));
}

TEST_F(CatalogReplicas, ARestoredCollectionLivesWhereItsFilesAre) {
  for (const std::uint64_t id : {1, 2, 3}) join(id);
  const RestoredCollection restored{{{settings(3), {}}, {}}, "token", {}, 2};
  ASSERT_TRUE(apply(EntryKind::kCreateCollection, {}, encode_restored(restored)));
  for (const auto& each : *catalog->find("docs")->replicas)
    EXPECT_EQ(each.replicas, (std::vector<Replica>{{2, true}}));
}

TEST_F(CatalogReplicas, NoShardBeginsOnANodeThatIsDown) {
  for (const std::uint64_t id : {1, 2, 3}) join(id);
  ASSERT_TRUE(
      apply(EntryKind::kCreateCollection, {}, encode_collection({settings(3), {}}, {1, 3})));
  for (const auto& each : *catalog->find("docs")->replicas)
    EXPECT_EQ(each.replicas, (std::vector<Replica>{{2, true}}));
}

TEST_F(CatalogReplicas, BeginSomewhereThoughNobodyWasReached) {
  for (const std::uint64_t id : {1, 2}) join(id);
  ASSERT_TRUE(
      apply(EntryKind::kCreateCollection, {}, encode_collection({settings(1), {}}, {1, 2})));
  for (const auto& each : *catalog->find("docs")->replicas) EXPECT_EQ(each.replicas.size(), 1U);
}

TEST_F(CatalogReplicas, GoWithTheirCollection) {
  hold_on_one();
  ASSERT_TRUE(catalog->drop(++seq, catalog->find("docs")->id));
  reopen();
  EXPECT_EQ(catalog->find("docs"), nullptr);
}

}  // namespace
}  // namespace mosaic::storage
