// Index files: what was written comes back, and a write that fails leaves what was there.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/failure.hpp"
#include "support/temporary_folder.hpp"
#include "unit/index/graph_sample.hpp"

namespace mosaic::index {
namespace {

using namespace test;
using mosaic::test::TemporaryFolder;

void expect_same(const GraphFile& file, const GraphContents& contents) {
  const auto& sources = contents.sources;
  EXPECT_EQ(file.parameters(), contents.parameters);
  ASSERT_EQ(file.nodes(), sources.size());
  const std::size_t degree = std::size_t{2} * contents.parameters.m;
  const auto code_bytes = Quantizer(contents.parameters.codes).code_bytes();
  ASSERT_EQ(file.codes().size(), code_bytes * sources.size());
  EXPECT_EQ(std::memcmp(file.codes().data(), contents.codes.get(), file.codes().size()), 0);
  std::size_t live = 0;
  for (Node node = 0; node < file.nodes(); ++node) {
    const auto& source = sources[node];
    const auto stored = file.stored(node);
    ASSERT_TRUE(stored);
    const std::span vector(source.vector, contents.parameters.codes.dimension);
    EXPECT_TRUE(std::equal(vector.begin(), vector.end(), stored->vector));
    EXPECT_EQ(stored->id, source.id);
    EXPECT_EQ(stored->row, source.row);
    EXPECT_EQ(stored->scale, Measure::scale_of(contents.parameters.codes.metric, vector));
    EXPECT_EQ(file.rows()[node], source.row);
    EXPECT_EQ(file.find(source.row), node);
    EXPECT_EQ(file.live(node), source.live);
    live += source.live ? 1 : 0;
    const auto* links = file.links().data() + node * file.link_stride();
    EXPECT_EQ(std::memcmp(links, &contents.links[node * degree], degree * sizeof(Node)), 0);
  }
  EXPECT_EQ(file.live_count(), live);
  ASSERT_EQ(file.levels().size(), contents.levels.size());
  for (std::size_t i = 0; i < contents.levels.size(); ++i) {
    const auto& [nodes, below, links] = contents.levels[i];
    const auto& level = file.levels()[i];
    EXPECT_TRUE(std::equal(nodes.begin(), nodes.end(), level.nodes.begin(), level.nodes.end()));
    EXPECT_TRUE(std::equal(below.begin(), below.end(), level.below.begin(), level.below.end()));
    EXPECT_TRUE(std::equal(links.begin(), links.end(), level.links.begin(), level.links.end()));
  }
  EXPECT_TRUE(reads_whole(file));
}

void expect_round_trip(Random& random, const GraphShape& shape) {
  SCOPED_TRACE(testing::Message() << to_string(shape.metric) << ' ' << to_string(shape.quantization)
                                  << ' ' << shape.dimension << "-d, " << shape.nodes << " nodes, m "
                                  << shape.m << ", " << shape.levels << " levels");
  const TemporaryFolder folder;
  const auto sample = random_graph(random, shape);
  write_graph_file(folder / "graph", sample.contents);
  const auto file = GraphFile::open(folder / "graph", expected_of(sample.contents));
  ASSERT_TRUE(file.ok()) << file.error().detail;
  expect_same(**file, sample.contents);
  EXPECT_FALSE(std::filesystem::exists(folder / "graph.tmp"));
}

/// An old file, and contents that do not get into its place.
struct FailingWrite {
  FailingWrite() : random(seed()), old(random_graph(random, {})), fresh(random_graph(random, {})) {
    write_graph_file(path, old.contents);
  }

  void expect_old_file() const {
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(folder / "graph.tmp")));
    EXPECT_TRUE(is_sound(path, expected_of(old.contents)));
  }

  void expect_refused() const {
    try {
      write_graph_file(path, fresh.contents);
      ADD_FAILURE() << "it was written";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().code, ErrorCode::kUnavailable);
      EXPECT_NE(failure.error().detail.find("'graph'"), std::string::npos) << failure.what();
    }
    expect_old_file();
  }

  TemporaryFolder folder;
  std::filesystem::path path = folder / "graph";
  Random random;
  GraphSample old;
  GraphSample fresh;
};

TEST(GraphFile, HoldsWhatWasWrittenForEveryMetricAndQuantization) {
  const auto run = seed();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(run));
  Random random(run);
  for (const auto metric : kMetrics) {
    for (const auto quantization : {Quantization::kNone, Quantization::kFloat16,
                                    Quantization::kInt8, Quantization::kBinary}) {
      if (!has_codes(metric, quantization)) continue;
      for (const std::uint32_t dimension : {1, 2, 7, 64, 129}) {
        const auto nodes = static_cast<Node>(1 + random() % 200);
        const auto m = static_cast<std::uint32_t>(1 + random() % 20);
        expect_round_trip(random, {metric, quantization, dimension, nodes, m, random() % 5});
      }
    }
  }
}

TEST(GraphFile, HoldsTheCenterOfANarrowCone) {
  Random random(seed());
  for (const auto quantization : {Quantization::kNone, Quantization::kInt8})
    expect_round_trip(random, {Metric::kCosine, quantization, 33, 20, 4, 1, true});
}

TEST(GraphFile, HoldsSectionsOfManyBlocks) {
  const auto run = seed();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(run));
  Random random(run);
  expect_round_trip(random, {Metric::kL2, Quantization::kNone, 33, 20'000, 16, 6});
  expect_round_trip(random, {Metric::kDot, Quantization::kFloat16, 4'096, 63, 128, 1});
}

TEST(GraphFile, FindsNoNodeForRowsThatItDoesNotHold) {
  Random random(seed());
  const TemporaryFolder folder;
  auto sample = random_graph(random, {.nodes = 3});
  auto& sources = sample.contents.sources;
  sources[0].row = 2;
  sources[1].row = 5;
  sources[2].row = 9;
  sample.contents.parameters.last_row = 12;
  write_graph_file(folder / "graph", sample.contents);
  const auto file = GraphFile::open(folder / "graph", expected_of(sample.contents));
  ASSERT_TRUE(file.ok());
  for (const Row row : {-1, 0, 1, 3, 6, 10, 12}) EXPECT_FALSE((*file)->find(row)) << row;
}

TEST(GraphFile, KeepsAScaleThatIsNoNumber) {
  Random random(seed());
  const TemporaryFolder folder;
  auto sample = random_graph(random, {});
  for (float& x : sample.vectors[1]) x = 1e-30F;
  write_graph_file(folder / "graph", sample.contents);
  const auto file = GraphFile::open(folder / "graph", expected_of(sample.contents));
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->stored(1));
  EXPECT_TRUE(std::isnan((*file)->stored(1)->scale));
}

TEST(GraphFile, TakesThePlaceOfTheOldFileWhichStaysGoodForThoseWhoHaveIt) {
  const FailingWrite world;
  const auto old = GraphFile::open(world.path, expected_of(world.old.contents));
  ASSERT_TRUE(old.ok());
  write_graph_file(world.path, world.fresh.contents);
  expect_same(**old, world.old.contents);
  EXPECT_TRUE(is_sound(world.path, expected_of(world.fresh.contents)));
}

TEST(GraphFile, IgnoresAndRemovesWhatAnUnfinishedWriteLeft) {
  const FailingWrite world;
  const auto whole = bytes_of(world.path);
  for (std::size_t length = 0; length <= whole.size(); length += 509) {
    put_bytes(world.folder / "graph.tmp", whole.substr(0, length));
    EXPECT_TRUE(is_sound(world.path, expected_of(world.old.contents)));
    remove_unfinished(world.path);
    world.expect_old_file();
  }
  remove_unfinished(world.path);  // there is none

  put_bytes(world.folder / "graph.tmp", whole + whole);
  write_graph_file(world.path, world.fresh.contents);
  EXPECT_TRUE(is_sound(world.path, expected_of(world.fresh.contents)));
}

TEST(GraphFile, LeavesTheOldFileWhenTheDiskIsFull) {
  const FailingWrite world;
  std::filesystem::create_symlink("/dev/full", world.folder / "graph.tmp");
  world.expect_refused();
}

TEST(GraphFile, LeavesTheOldFileWhenItMayNotGrow) {
  const FailingWrite world;
  auto* const before = ::signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto bytes = std::filesystem::file_size(world.path);
  for (rlim_t allowed = 0; allowed < bytes; allowed += 1'021) {
    const struct rlimit lower { allowed, limit.rlim_max };
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &lower), 0);
    world.expect_refused();
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  ::signal(SIGXFSZ, before);
  write_graph_file(world.path, world.fresh.contents);
  EXPECT_TRUE(is_sound(world.path, expected_of(world.fresh.contents)));
}

TEST(GraphFile, CannotBeWrittenIntoAFolderThatIsNotThere) {
  Random random(seed());
  const TemporaryFolder folder;
  const auto sample = random_graph(random, {});
  EXPECT_THROW(write_graph_file(folder / "missing" / "graph", sample.contents), Failure);
}

}  // namespace
}  // namespace mosaic::index
