// A node whose shards get a graph: written, patched, damaged and started again.
#include <fstream>

#include "node_fixture.hpp"
#include "support/metric_samples.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

struct IndexOfANode : NodeFixture {
  static constexpr std::size_t kDocuments = index::kGraphRowsMin;

  void SetUp() override {
    NodeFixture::SetUp();
    make_collection(1);
  }

  void fill(std::size_t from, std::size_t to) {
    for (; from < to; from += 1'000) {
      std::vector<std::string> ids;
      for (std::size_t i = from; i < std::min(to, from + 1'000); ++i)
        ids.push_back("d" + std::to_string(i));
      upsert(ids);
    }
  }

  double metric(const std::string& name) {
    return test::samples_of(node_metrics->text())
        .at("mosaic_shard_" + name + R"({collection="docs",shard="0"})");
  }
  double builds(const std::string& outcome) {
    return test::samples_of(node_metrics->text())
        .at(R"(mosaic_shard_index_builds_total{collection="docs",outcome=")" + outcome +
            R"(",shard="0"})");
  }

  std::filesystem::path file() {
    return shard::index_path(supervision.folder->shard(catalog->find("docs")->id, "docs", {0}));
  }

  void patch(std::optional<IndexSettings> index, std::optional<Quantization> quantization) {
    CollectionPatch patch;
    patch.index = index;
    patch.quantization = quantization;
    ASSERT_TRUE(
        ask<CollectionInfo>(writer, patch_atom_v, patch_request{"docs", patch}, RequestId{}));
  }

  void spoil() {
    std::fstream out(file(), std::ios::in | std::ios::out | std::ios::binary);
    const auto size = std::filesystem::file_size(file());
    out.seekp(static_cast<std::streamoff>(size / 8));
    out << std::string(size - size / 8, '!');
  }

  void expect_all_found() {
    const auto reply = search(kDocuments);
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->hits.size(), kDocuments);
    EXPECT_FALSE(reply->partial);
  }
};

TEST_F(IndexOfANode, ShardsGoOnWithTheirGraphs) {
  fill(0, kDocuments - 1);
  EXPECT_EQ(metric("index_vectors"), 0);
  EXPECT_EQ(metric("index_tail_vectors"), kDocuments - 1);
  fill(kDocuments - 1, kDocuments);
  EXPECT_EQ(metric("index_vectors"), kDocuments);
  EXPECT_EQ(metric("index_tail_vectors"), 0);
  EXPECT_EQ(builds("built"), 1);
  EXPECT_EQ(metric("index_build_duration_seconds_count"), 1);
  expect_all_found();
  fill(kDocuments, kDocuments + 10);
  EXPECT_EQ(metric("index_tail_vectors"), 10);
  EXPECT_EQ(builds("built"), 1);
}

TEST_F(IndexOfANode, AShardThatIsStartedAgainTakesItsFileUp) {
  fill(0, kDocuments);
  kill_shard({0});
  pass(20ms);
  EXPECT_EQ(metric("restarts_total"), 1);
  EXPECT_EQ(metric("index_vectors"), kDocuments);
  EXPECT_EQ(builds("built"), 1);
  expect_all_found();
}

TEST_F(IndexOfANode, PatchedSettingsAreFollowed) {
  fill(0, kDocuments);
  patch({}, Quantization::kFloat16);
  EXPECT_EQ(builds("built"), 2);
  expect_all_found();
  patch(IndexSettings{IndexType::kFlat, 16, 200}, {});
  EXPECT_EQ(metric("index_vectors"), 0);
  EXPECT_FALSE(std::filesystem::exists(file()));
  expect_all_found();
  kill_shard({0});
  pass(20ms);
  EXPECT_EQ(metric("index_vectors"), 0);
  patch(IndexSettings{}, {});
  EXPECT_EQ(metric("index_vectors"), kDocuments);
  expect_all_found();
}

TEST_F(IndexOfANode, DamageThatSearchesMeetIsRepaired) {
  fill(0, kDocuments);
  kill_shard({0});
  pass(20ms);
  spoil();
  expect_all_found();
  run();
  expect_all_found();
  run();
  EXPECT_LE(metric("index_damages_total"), 1);
  // What was read into memory before serves on; every vector is measured from the file.
  EXPECT_EQ(metric("index_damages_total"), 1);
  EXPECT_EQ(metric("index_vectors"), kDocuments) << "built anew";
  EXPECT_EQ(builds("built"), 2);
  EXPECT_EQ(metric("restarts_total"), 1);
}

TEST_F(IndexOfANode, DamageThatAStartFindsIsRepaired) {
  fill(0, kDocuments);
  std::ofstream(file(), std::ios::trunc) << "nothing like an index";
  kill_shard({0});
  pass(20ms);
  EXPECT_EQ(metric("index_damages_total"), 1);
  EXPECT_EQ(metric("index_vectors"), kDocuments);
  expect_all_found();
}

TEST_F(IndexOfANode, ACrashOfTheIndexerIsOneOfItsShard) {
  fill(0, kDocuments);
  caf::anon_send(supervisor, fault_atom_v, FaultRequest{.part = "indexer", .collection = "docs"});
  run();
  pass(20ms);
  EXPECT_EQ(metric("restarts_total"), 1);
  expect_all_found();
}

TEST_F(IndexOfANode, DroppingACollectionLeavesNoFile) {
  fill(0, kDocuments);
  const auto path = file();
  ASSERT_TRUE(std::filesystem::exists(path));
  ASSERT_TRUE(ask<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{}));
  EXPECT_FALSE(std::filesystem::exists(path.parent_path()));
}

}  // namespace
}  // namespace mosaic::actors
