// Shards of a collection that is routed by centroid, all fed the same entries, against a model.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

constexpr std::uint32_t kShards = 3;
constexpr Include kAll{.vector = true, .links = true};

/// The live version of a document.
struct Version {
  Document document;
  Seq written = 0;
  ShardId home;
};
using Model = std::map<std::string, Version>;

struct MovesTest : ::testing::Test {
  test::TemporaryFolder folder;
  std::vector<ShardIdentity> identities;
  std::vector<std::unique_ptr<ShardWriter>> writers;
  Seq seq = 0;

  void SetUp() override {
    for (std::uint32_t i = 0; i < kShards; ++i) {
      identities.push_back({{1}, {i}, kShards, 2, true});
      create_shard_file(path(i), identities[i]);
      writers.push_back(std::make_unique<ShardWriter>(path(i), identities[i]));
    }
  }

  std::filesystem::path path(std::uint32_t shard) const {
    return folder / ("shard-" + std::to_string(shard) + ".db");
  }

  void reopen(std::uint32_t shard) {
    writers[shard].reset();
    writers[shard] = std::make_unique<ShardWriter>(path(shard), identities[shard]);
  }

  /// One entry for every shard; the sum of what they return.
  template <class Apply>
  std::uint64_t entry(Apply&& apply) {
    ++seq;
    std::uint64_t sum = 0;
    for (auto& writer : writers) {
      RowChanges changes;
      writer->begin();
      sum += apply(*writer, changes);
      writer->commit(seq);
    }
    return sum;
  }

  std::uint64_t write(const WriteBatch& batch) {
    return entry([&](auto& writer, auto& changes) { return writer.apply(batch, seq, changes); });
  }
  std::uint64_t move(const Move& move) {
    return entry([&](auto& writer, auto& changes) { return writer.apply(move, seq, changes); });
  }
  void begin_moves() {
    entry([&](auto& writer, auto&) {
      writer.begin_moves(seq);
      return 0;
    });
  }
  void end_moves(Seq centroids) {
    entry([&](auto& writer, auto&) {
      writer.end_moves(centroids);
      return 0;
    });
  }

  void put(const std::string& id, std::uint32_t home) { write({{document(id)}, {}, {{home}}}); }

  Document document(const std::string& id) const {
    Document made;
    made.id = id;
    made.text = "version " + std::to_string(seq + 1);
    made.vector = {1, static_cast<float>(seq + 1)};
    made.links = {{"x", "b", 1}, {id, "a", 2}, {"y", "a", 3}};
    return made;
  }

  static Move move_of(Seq centroids, Seq read_at, const Version& version, ShardId home) {
    return {centroids, read_at, {version.document}, {home}, {version.written}};
  }

  /// What all shards hold together; a document that is met twice fails the test.
  Model stored() {
    Model found;
    for (std::uint32_t i = 0; i < kShards; ++i) {
      ShardReader reader(path(i));
      reader.pin();
      for (const auto& [row, id] : reader.live_after(0, 10'000)) {
        auto stored = reader.load(row, kAll);
        const bool fresh = found.emplace(id, Version{stored.document, stored.seq, {i}}).second;
        EXPECT_TRUE(fresh) << id << " lives in two shards";
      }
    }
    return found;
  }

  std::uint64_t documents() const {
    std::uint64_t sum = 0;
    for (const auto& writer : writers) sum += writer->counts().documents;
    return sum;
  }
  std::uint64_t edges() const {
    std::uint64_t sum = 0;
    for (const auto& writer : writers) sum += writer->counts().edges;
    return sum;
  }

  void expect(const Model& model) {
    const auto found = stored();
    ASSERT_EQ(found.size(), model.size());
    EXPECT_EQ(documents(), model.size());
    for (const auto& [id, version] : model) {
      const auto& there = found.at(id);
      EXPECT_EQ(there.document, version.document) << id;
      EXPECT_EQ(there.written, version.written) << id;
      EXPECT_EQ(there.home, version.home) << id;
    }
  }
};

TEST_F(MovesTest, ADocumentThatIsWrittenElsewhereLeavesWhereItWas) {
  put("a", 0);
  put("a", 2);
  const auto found = stored();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.at("a").home, ShardId{2});
  EXPECT_EQ(found.at("a").document.links.size(), 3U) << "links come with their document anywhere";
}

TEST_F(MovesTest, ADeletionFindsTheDocumentWhereverItLives) {
  for (std::uint32_t home = 0; home < kShards; ++home) put("a" + std::to_string(home), home);
  EXPECT_EQ(write({{}, {{"a0", 0}, {"a1", 0}, {"a2", 0}}}), 3U);
  EXPECT_TRUE(stored().empty());
  EXPECT_EQ(edges(), 0U);
}

TEST_F(MovesTest, AMoveKeepsTheVersionAndItsLinks) {
  put("a", 0);
  const auto before = stored().at("a");
  begin_moves();
  EXPECT_EQ(move(move_of(2, 2, before, {1})), 1U);
  const auto after = stored().at("a");
  EXPECT_EQ(after.home, ShardId{1});
  EXPECT_EQ(after.written, before.written);
  EXPECT_EQ(after.document, before.document);
  EXPECT_EQ(edges(), 3U);
  EXPECT_EQ(write({{}, {{"a", before.written}}}), 1U) << "a delete by filter names that version";
  EXPECT_TRUE(stored().empty());
}

TEST_F(MovesTest, WhatWasWrittenSinceItWasReadStays) {
  put("a", 0);
  begin_moves();
  const auto read = stored().at("a");
  put("a", 2);
  EXPECT_EQ(move(move_of(2, 2, read, {1})), 0U);
  EXPECT_EQ(stored().at("a").home, ShardId{2});
  write({{}, {{"a", 0}}});
  EXPECT_EQ(move(move_of(2, 2, read, {1})), 0U);
  EXPECT_TRUE(stored().empty()) << "a move must not bring back what was deleted";
}

TEST_F(MovesTest, AMoveToOtherCentroidsThanThoseInForceDoesNothing) {
  put("a", 0);
  begin_moves();
  const auto read = stored().at("a");
  begin_moves();
  EXPECT_EQ(move(move_of(2, 2, read, {1})), 0U) << "other centroids were set since";
  EXPECT_EQ(move(move_of(3, 2, read, {1})), 0U) << "read before these were set";
  EXPECT_EQ(move(move_of(3, 3, read, {1})), 1U);
  end_moves(2);
  EXPECT_EQ(move(move_of(3, 3, read, {2})), 1U) << "the end of other moves ends nothing";
  end_moves(3);
  EXPECT_EQ(move(move_of(3, 3, read, {0})), 0U);
  EXPECT_EQ(stored().at("a").home, ShardId{2});
}

TEST_F(MovesTest, APlaceThatIsNoShardIsDamage) {
  put("a", 0);
  RowChanges changes;
  writers[0]->begin();
  EXPECT_THROW(writers[0]->apply({{document("a")}, {}, {{kShards}}}, 2, changes), Failure);
  writers[0]->rollback();
  EXPECT_EQ(stored().at("a").written, 1U);
}

TEST_F(MovesTest, PageRankIsKnownWhereverTheDocumentMoves) {
  put("a", 0);
  entry([&](auto& writer, auto&) {
    writer.set_pagerank({1, {"a"}, {0.5}}, seq);
    return 0;
  });
  begin_moves();
  move(move_of(seq, seq, stored().at("a"), {1}));
  ShardReader reader(path(1));
  reader.pin();
  EXPECT_EQ(reader.load(*reader.find_live("a"), {}).pagerank, 0.5);
}

TEST_F(MovesTest, LinksAreReadOnceAtAnyStateBeforeAndAfterAMove) {
  put("a", 0);
  begin_moves();
  move(move_of(2, 2, stored().at("a"), {1}));
  for (Seq as_of = 1; as_of <= seq; ++as_of) {
    std::size_t links = 0;
    std::size_t documents = 0;
    for (std::uint32_t i = 0; i < kShards; ++i) {
      ShardReader reader(path(i));
      reader.pin();
      reader.graph().documents(as_of, 0, 100, [&](std::string_view) { ++documents; });
      reader.graph().edges(as_of, 0, 100, [&](const EdgeFields&) { ++links; });
    }
    EXPECT_EQ(documents, 1U) << as_of;
    EXPECT_EQ(links, 3U) << as_of;
  }
}

/// Writes, deletions, moves read at older states, new centroids and restarts, at random.
struct RandomMoves : MovesTest {
  std::mt19937 random;
  Model model;
  std::map<std::string, Seq> last_touched;
  std::map<Seq, Model> states;  ///< as of each seq
  Seq moving = 0;

  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); }
  std::string random_id() { return "d" + std::to_string(pick(12)); }

  void random_write() {
    WriteBatch batch;
    std::set<std::string> ids;
    for (auto count = 1 + pick(4); count > 0; --count) ids.insert(random_id());
    for (const auto& id : ids) {
      if (pick(3) == 0) {
        const auto live = model.find(id);
        const Seq expected =
            live == model.end() || pick(2) == 0 ? 0 : live->second.written - pick(2);
        batch.deletions.push_back({id, expected});
        if (live != model.end() && (expected == 0 || expected == live->second.written))
          model.erase(live);
      } else {
        batch.documents.push_back(document(id));
        batch.homes.push_back({pick(kShards)});
        model[id] = {batch.documents.back(), seq + 1, batch.homes.back()};
      }
      last_touched[id] = seq + 1;
    }
    write(batch);
  }

  void random_move() {
    const auto& [read_at, state] =
        *std::next(states.begin(), pick(static_cast<std::uint32_t>(states.size())));
    Move made;
    made.centroids = pick(8) == 0 ? moving + 1 : moving;
    made.read_at = read_at;
    for (const auto& [id, version] : state) {
      if (pick(2) == 0) continue;
      made.documents.push_back(version.document);
      made.homes.push_back({pick(kShards)});
      made.written.push_back(version.written);
      if (made.centroids != moving || read_at < moving || last_touched[id] > read_at) continue;
      model.at(id).home = made.homes.back();
    }
    move(made);
  }

  void step() {
    switch (pick(8)) {
      case 0:
        begin_moves();
        moving = seq;
        break;
      case 1:
        end_moves(moving);
        moving = 0;
        break;
      case 2:
        reopen(pick(kShards));
        break;
      case 3:
      case 4:
        if (moving != 0 && !states.empty()) return random_move();
        break;
      default:
        random_write();
    }
  }
};

TEST_F(RandomMoves, LoseAndDoubleNothing) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  random.seed(seed);
  for (int i = 0; i < 250 && !HasFailure(); ++i) {
    step();
    expect(model);
    states[seq] = model;
    if (states.size() > 6) states.erase(states.begin());
  }
}

}  // namespace
}  // namespace mosaic::storage
