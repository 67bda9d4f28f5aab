// Documents and links as of every seq, over shards whose documents are overwritten, deleted and
// linked anew, compared with a model that keeps a copy of each state.
#include "storage/graph_reader.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

using Edge = std::tuple<std::string, std::string, double>;

struct Graph {
  std::multiset<std::string> documents;
  std::multiset<Edge> edges;
  friend bool operator==(const Graph&, const Graph&) = default;
};

/// MOSAIC_TEST_SEED repeats a run that failed.
std::uint64_t seed_of_run() {
  const auto* given = std::getenv("MOSAIC_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

class History {
 public:
  explicit History(std::mt19937_64& random) : random_(random), states_(1) {}

  /// The next entry of the log; the model follows.
  WriteBatch write() {
    WriteBatch batch;
    std::set<std::string> used;
    for (auto i = pick(6); i > 0; --i) {
      const auto id = fmt::format("d{}", pick(25));
      if (!used.insert(id).second) continue;
      if (pick(3) == 0) {
        erase(batch, id);
      } else {
        upsert(batch, id);
      }
    }
    states_.push_back(state());
    return batch;
  }

  Seq last() const { return states_.size() - 1; }
  Graph at(Seq seq) const { return states_[seq]; }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  void erase(WriteBatch& batch, const std::string& id) {
    // A condition that no version meets must change nothing, at the home and at the mirrors.
    const auto live = documents_.find(id);
    const auto seq = live == documents_.end() ? 0 : live->second.first;
    const auto expected = pick(2) == 0 ? 0 : seq - pick(2);
    batch.deletions.push_back({id, expected});
    if (live != documents_.end() && (expected == 0 || expected == seq)) documents_.erase(live);
  }

  void upsert(WriteBatch& batch, const std::string& id) {
    Document document;
    document.id = id;
    for (auto i = pick(5); i > 0; --i) {
      document.links.push_back({fmt::format("d{}", pick(28)), fmt::format("kind{}", i),
                                static_cast<double>(pick(9)) - 2});
    }
    documents_[id] = {last() + 1, document.links};
    batch.documents.push_back(std::move(document));
  }

  Graph state() const {
    Graph graph;
    for (const auto& [id, version] : documents_) {
      graph.documents.insert(id);
      for (const auto& link : version.second) graph.edges.emplace(id, link.to, link.weight);
    }
    return graph;
  }

  std::mt19937_64& random_;
  std::map<std::string, std::pair<Seq, std::vector<Link>>> documents_;
  std::vector<Graph> states_;  ///< by seq, the first being empty
};

struct Shards {
  Shards(const std::filesystem::path& folder, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto path = folder / fmt::format("shard-{}.db", i);
      const ShardIdentity identity{{1}, {i}, count, 1};
      create_shard_file(path, identity);
      writers.push_back(std::make_unique<ShardWriter>(path, identity));
      readers.push_back(std::make_unique<ShardReader>(path));
    }
  }

  void write(const WriteBatch& batch, Seq seq) {
    for (auto& writer : writers) {
      RowChanges changes;
      writer->begin();
      writer->apply(batch, seq, changes);
      writer->commit(seq);
    }
  }

  /// Reads all shards in pieces; `between` runs after each piece, with no snapshot held.
  Graph read(Seq as_of, std::size_t limit, const std::function<void()>& between) {
    Graph graph;
    for (auto& reader : readers) {
      const auto piece = [&](const auto& walk) {
        reader->pin();
        const Walked walked = walk();
        reader->unpin();
        between();
        return walked;
      };
      const auto add_document = [&](std::string_view id) { graph.documents.emplace(id); };
      const auto add_edge = [&](const EdgeFields& edge) {
        graph.edges.emplace(edge.source, edge.target, edge.weight);
      };
      Walked at{0, limit};
      while (at.looked_at == limit)
        at = piece([&] { return reader->graph().documents(as_of, at.last, limit, add_document); });
      at = {0, limit};
      while (at.looked_at == limit)
        at = piece([&] { return reader->graph().edges(as_of, at.last, limit, add_edge); });
    }
    return graph;
  }

  std::vector<std::unique_ptr<ShardWriter>> writers;
  std::vector<std::unique_ptr<ShardReader>> readers;
};

class GraphReaderProperty : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  test::TemporaryFolder folder;
};

TEST_P(GraphReaderProperty, GivesEveryPastStateWhileWritesGoOn) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  Shards shards(folder / "", GetParam());
  History history(random);
  const auto write = [&] {
    const auto batch = history.write();
    shards.write(batch, history.last());
  };
  for (int round = 0; round < 40; ++round) {
    write();
    const Seq as_of = random() % (history.last() + 1);
    const std::size_t limit = 1 + random() % 12;
    int writes = 20;
    const auto between = [&] {
      if (writes-- > 0) write();
    };
    ASSERT_EQ(shards.read(as_of, limit, between), history.at(as_of)) << "as of " << as_of;
  }
  for (Seq as_of = 0; as_of <= history.last(); as_of += 7)
    ASSERT_EQ(shards.read(as_of, 1000, [] {}), history.at(as_of)) << "as of " << as_of;
}

INSTANTIATE_TEST_SUITE_P(Shards, GraphReaderProperty, ::testing::Values(1U, 4U));

TEST(GraphReader, GivesALinkAtTheHomeOfItsSourceOnly) {
  test::TemporaryFolder folder;
  Shards shards(folder / "", 4);
  WriteBatch batch;
  for (int i = 0; i < 40; ++i) {
    Document document;
    document.id = fmt::format("d{}", i);
    document.links = {{fmt::format("d{}", (i + 1) % 40), "", 1}};
    batch.documents.push_back(std::move(document));
  }
  shards.write(batch, 1);
  const auto graph = shards.read(1, 100, [] {});
  EXPECT_EQ(graph.documents.size(), 40U);
  EXPECT_EQ(graph.edges.size(), 40U);
}

TEST(GraphReader, LooksAtNoMoreThanItsLimitAlthoughNothingIsLive) {
  test::TemporaryFolder folder;
  Shards shards(folder / "", 1);
  for (Seq seq = 1; seq <= 10; ++seq) {
    Document document;
    document.id = "a";
    document.links = {{"b", "", 1}};
    shards.write({{document}, {}}, seq);
  }
  auto& reader = *shards.readers[0];
  reader.pin();
  int visits = 0;
  const auto documents = reader.graph().documents(10, 0, 4, [&](auto) { ++visits; });
  EXPECT_EQ(documents.looked_at, 4U);
  EXPECT_EQ(documents.last, 4);
  const auto edges = reader.graph().edges(10, 0, 4, [&](const auto&) { ++visits; });
  EXPECT_EQ(edges.looked_at, 4U);
  EXPECT_EQ(visits, 0);
}

}  // namespace
}  // namespace mosaic::storage
