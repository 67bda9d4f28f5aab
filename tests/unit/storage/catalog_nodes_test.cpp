#include "storage/catalog.hpp"

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

NodeRecord node(std::uint64_t id) {
  return {id, "n" + std::to_string(id), "h:1", "h:2", "h:3"};
}

struct CatalogNodes : testing::Test {
  test::TemporaryFolder folder;
  std::unique_ptr<Catalog> catalog = std::make_unique<Catalog>(folder / "catalog.db");

  void set(Seq seq, const NodeRecord& record) {
    ASSERT_TRUE(catalog->apply(seq, EntryKind::kSetNode, {}, encode_node(record)));
  }
  void reopen() {
    catalog.reset();
    catalog = std::make_unique<Catalog>(folder / "catalog.db");
  }
};

TEST_F(CatalogNodes, AreKeptWithTheirWholeRecord) {
  set(1, node(3));
  set(2, node(0xffff'ffff'ffff'fffe));
  reopen();
  EXPECT_EQ(catalog->nodes().size(), 2U);
  EXPECT_EQ(catalog->nodes().at(3), node(3));
  EXPECT_EQ(catalog->nodes().at(0xffff'ffff'ffff'fffe).id, 0xffff'ffff'ffff'fffe);
  EXPECT_EQ(catalog->applied_seq(), 2U);
}

TEST_F(CatalogNodes, ANewRecordTakesThePlaceOfTheOne) {
  set(1, node(3));
  auto moved = node(3);
  moved.http_address = "elsewhere:1";
  set(2, moved);
  reopen();
  EXPECT_EQ(catalog->nodes().at(3), moved);
}

TEST_F(CatalogNodes, AreForgotten) {
  set(1, node(3));
  ASSERT_TRUE(catalog->apply(2, EntryKind::kForgetNode, {}, encode_node_id(3)));
  reopen();
  EXPECT_TRUE(catalog->nodes().empty());
}

TEST_F(CatalogNodes, OneThatWasForgottenDoesNotComeBack) {
  set(1, node(3));
  ASSERT_TRUE(catalog->apply(2, EntryKind::kForgetNode, {}, encode_node_id(3)));
  reopen();
  set(3, node(3));
  EXPECT_TRUE(catalog->nodes().empty());
  EXPECT_TRUE(catalog->forgotten_nodes().contains(3));
}

TEST_F(CatalogNodes, AnEntryThatWasAppliedChangesNothingAgain) {
  set(5, node(3));
  set(4, node(4));
  EXPECT_EQ(catalog->nodes().size(), 1U);
}

TEST_F(CatalogNodes, ACopyOfACatalogBeginsAnewWithoutFilesOfItsOwn) {
  set(7, node(3));
  catalog->set_shard({1}, {0}, {true, 9});
  catalog->set_log_floor(6);
  catalog->begin_anew(4);
  reopen();
  EXPECT_FALSE(catalog->shard({1}, {0}).made);
  EXPECT_EQ(catalog->shard({1}, {0}).durable, 0U);
  EXPECT_EQ(catalog->log_floor(), 4U) << "as of its own log, not of the other one";
  EXPECT_EQ(catalog->applied_seq(), 7U);
  EXPECT_EQ(catalog->nodes().at(3), node(3));
}

}  // namespace
}  // namespace mosaic::storage
