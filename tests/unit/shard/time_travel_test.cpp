// Shards live through random writes, deletes, moves, runs of PageRank, snapshots, changes of
// retention, purges and restarts. What they answered at each seq is recorded then; later they must
// answer the same for every state that is kept, and name the oldest for every other. An oracle of
// a few lines says which states those are.
#include <algorithm>
#include <set>

#include "past_fixture.hpp"

namespace mosaic::shard {
namespace {

constexpr std::size_t kDimension = 3;
constexpr std::int64_t kBegin = 1'700'000'000'000;

/// Which states are kept, by the rules alone.
struct KeptStates {
  std::uint64_t retention_s = 0;
  std::map<std::string, Seq> pins;
  std::map<std::int64_t, Seq> times;
  Seq from = 0;
  bool keeps = false;

  bool is_kept(Seq seq) const {
    return seq >= from || std::any_of(pins.begin(), pins.end(),
                                      [&](const auto& pin) { return pin.second == seq; });
  }
  Seq at(std::int64_t time_ms) const {
    const auto after = times.upper_bound(time_ms);
    return after == times.begin() ? 0 : std::prev(after)->second;
  }
  void purge(std::int64_t until_ms, std::int64_t now_ms) {
    if (retention_s > 0)
      until_ms = std::min(until_ms, now_ms - static_cast<std::int64_t>(retention_s) * 1'000);
    from = std::max(from, at(until_ms));
  }
  void applied(Seq seq, std::int64_t time_ms, bool dated) {
    const bool wanted = retention_s > 0 || !pins.empty();
    if (!keeps || !wanted) from = seq;
    keeps = wanted;
    if (dated) times[time_ms] = seq;
  }
};

/// What a shard says about one state.
struct Recorded {
  std::string documents;
  std::string ids;
  std::string exact;
  std::string filtered;
  std::string where;
  std::string found;
  std::set<std::string> text;
  friend bool operator==(const Recorded&, const Recorded&) = default;
};

template <class T>
T sure(Result<T> result) {
  if (!result) throw Failure(result.error());
  return std::move(*result);
}

std::string bytes_of(const std::vector<StoredDocument>& documents) {
  std::string bytes;
  for (const auto& stored : documents) bytes += to_bytes(stored);
  return bytes;
}

std::string text_of(const ShardCandidates& found) {
  std::string text;
  for (const auto& candidate : found.vector_arm) {
    text += fmt::format("{} {} {} {} {}\n", candidate.id, candidate.row,
                        candidate.distance.value_or(-1), candidate.score,
                        candidate.pagerank.value_or(-1));
  }
  return text + bytes_of(found.stored);
}

Recorded record(ShardSearcher searcher, At at) {
  const Include whole{.vector = true, .links = true};
  Recorded recorded;
  ListRequest list;
  list.limit = 1'000;
  list.include = whole;
  recorded.documents = bytes_of(sure(searcher.list(at, list, "", {})).documents);
  list.filter = R"({"size":{"$gt":3}})";
  recorded.filtered = bytes_of(sure(searcher.list(at, list, "", {})).documents);
  ListRequest ids;
  ids.limit = 1'000;
  ids.ids_only = true;
  recorded.ids = bytes_of(sure(searcher.list(at, ids, "d1", {})).documents);
  for (const auto* id : {"d0", "d1", "d2", "d3"})
    recorded.found += bytes_of(sure(searcher.get(at, id, whole, {})).documents);
  ShardQuery query;
  query.vector = {1, 2, -1};
  query.vector_arm = true;
  query.exact = true;
  query.pagerank = true;
  query.depth = 4;
  query.documents = whole;
  query.documents_max = query.depth;
  recorded.exact = text_of(sure(searcher.search(at, query, {})));
  query.where = "metadata->>'size' > 2 AND coalesce(pagerank, 0.5) >= 0.3 AND seq % 2 = 0";
  query.filter = R"({"$id":{"$ne":"d4"}})";
  query.depth = 100;
  recorded.where = text_of(sure(searcher.search(at, query, {})));
  ShardQuery words;
  words.text = "apple stone";
  words.vector = query.vector;
  words.depth = 1'000;
  for (const auto& candidate : sure(searcher.search(at, words, {})).text_arm)
    recorded.text.insert(
        fmt::format("{} {} {}", candidate.id, candidate.row, candidate.distance.value_or(-1)));
  return recorded;
}

struct Shape {
  std::uint32_t shards;
  bool by_centroid;
  std::uint64_t retention_s;
};

class TimeTravel : public ::testing::TestWithParam<Shape> {
 protected:
  test::TemporaryFolder folder;
  std::mt19937 random;
  Seq seq = 1;
  std::int64_t time_ms = kBegin;
  KeptStates kept;
  std::vector<Replica> shards;
  std::vector<Replica> others;  ///< the same shards, led otherwise
  std::map<Seq, std::vector<Recorded>> recorded;
  std::map<std::string, std::pair<Document, Seq>> live;
  std::map<std::string, Seq> begun;

  int pick(int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); }

  void SetUp() override {
    const auto* wanted = std::getenv("MOSAIC_TEST_SEED");
    const auto number = wanted ? static_cast<unsigned>(std::stoul(wanted)) : std::random_device{}();
    random.seed(number);
    std::printf("seed %u\n", number);
    kept.retention_s = GetParam().retention_s;
    kept.keeps = kept.retention_s > 0;
    for (std::uint32_t i = 0; i < GetParam().shards; ++i) {
      ShardOptions options{folder / fmt::format("shard-{}.db", i),
                           {{1}, {i}, GetParam().shards, kDimension, GetParam().by_centroid},
                           Metric::kL2,
                           {}};
      options.retention_s = GetParam().retention_s;
      shards.emplace_back(options);
      options.path = folder / fmt::format("other-{}.db", i);
      others.emplace_back(options);
    }
  }

  void apply(
      EntryKind kind, std::string bytes, std::function<void()> known = [] {}) {
    time_ms += pick(3) * 400;
    ++seq;
    const ShardEntry entry{seq, kind, std::make_shared<const std::string>(std::move(bytes)),
                           time_ms};
    for (auto& shard : shards) {
      shard.take(entry);
      shard.flush();
    }
    for (auto& other : others) {
      other.take(entry);
      if (pick(4) == 0) other.flush();
      if (pick(30) == 0) {
        other.flush();
        other.open();
      }
    }
    known();
    kept.applied(seq, time_ms, kind != EntryKind::kPurge);
    for (auto& shard : shards) recorded[seq].push_back(record(shard.searcher(), 0));
    if (pick(25) == 0) shards[random() % shards.size()].open();
  }

  Document random_document(const std::string& id) {
    const char* words[] = {"apple", "stone", "river", "cloud"};
    auto document = make_document(id, {}, words[pick(4)], fmt::format(R"({{"size":{}}})", pick(9)));
    document.title = words[pick(4)];
    if (pick(8) != 0) {
      for (std::size_t i = 0; i < kDimension; ++i)
        document.vector.push_back(static_cast<float>(pick(4)) - 1);
    }
    for (int i = pick(3); i > 0; --i)
      document.links.push_back({fmt::format("d{}", pick(12)), "to", 0.5 + pick(3)});
    return document;
  }

  ShardId random_shard() { return {static_cast<std::uint32_t>(random() % shards.size())}; }

  void write() {
    WriteBatch batch;
    std::set<std::string> used;
    for (int i = pick(4); i >= 0; --i) {
      const auto id = fmt::format("d{}", pick(12));
      if (!used.insert(id).second) continue;
      if (pick(4) == 0) {
        batch.deletions.push_back({id, 0});
        continue;
      }
      batch.documents.push_back(random_document(id));
      if (GetParam().by_centroid) batch.homes.push_back(random_shard());
    }
    for (const auto& deletion : batch.deletions) live.erase(deletion.id);
    for (const auto& document : batch.documents) live[document.id] = {document, seq + 1};
    apply(EntryKind::kWrite, encode_write(batch));
  }

  void move() {
    Move move{.centroids = 2, .read_at = seq, .documents = {}, .homes = {}, .written = {}};
    for (const auto& [id, version] : live) {
      if (pick(3) != 0) continue;
      move.documents.push_back(version.first);
      move.homes.push_back(random_shard());
      move.written.push_back(version.second);
    }
    apply(EntryKind::kMove, encode_move(move));
  }

  void rank() {
    PageRankValues values{seq, {}, {}};
    for (int i = 0; i < 12; ++i) {
      if (pick(5) == 0) continue;
      values.ids.push_back(fmt::format("d{}", i));
      values.values.push_back(pick(10) / 10.0);
    }
    if (pick(6) == 0) values = {seq, {}, {}};
    apply(EntryKind::kPageRank, encode_pagerank(values));
  }

  void change_retention() {
    CollectionSettings settings;
    settings.retention_s = static_cast<std::uint64_t>(pick(3) * 5);
    apply(EntryKind::kPatchCollection, encode_settings(settings),
          [&] { kept.retention_s = settings.retention_s; });
  }

  void begin_snapshot() {
    const auto name = fmt::format("s{}", pick(3));
    if (kept.pins.contains(name)) return;
    apply(EntryKind::kBeginSnapshot, encode_snapshot_begin({name}), [&] {
      kept.pins[name] = seq;
      begun[name] = seq;
    });
  }

  void keep_snapshot() {
    if (begun.empty()) return;
    const auto [name, at] = *begun.begin();
    begun.erase(begun.begin());
    apply(EntryKind::kKeepSnapshot, encode_snapshot({name, at, time_ms, 1, {}}));
  }

  void drop_snapshot() {
    if (kept.pins.empty()) return;
    const auto name = kept.pins.begin()->first;
    begun.erase(name);
    apply(EntryKind::kDropSnapshot, encode_snapshot_name(name), [&] { kept.pins.erase(name); });
  }

  void purge() {
    const Purge purge{time_ms - pick(12) * 1'000, static_cast<std::uint64_t>(1 + pick(6))};
    for (int i = pick(4); i >= 0; --i) {
      apply(EntryKind::kPurge, encode_purge(purge), [&] { kept.purge(purge.time_ms, time_ms); });
    }
  }

  void anything() {
    switch (pick(24)) {
      case 0:
        return rank();
      case 1:
        return pick(3) == 0 ? change_retention() : write();
      case 2:
        return begin_snapshot();
      case 3:
        return keep_snapshot();
      case 4:
        return drop_snapshot();
      case 5:
      case 6:
        return purge();
      case 7:
      case 8:
        return GetParam().by_centroid ? move() : write();
      default:
        return write();
    }
  }

  void check(Seq at) {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      SCOPED_TRACE(fmt::format("shard {} at {} of {}, kept from {}", i, at, seq, kept.from));
      auto searcher = shards[i].searcher();
      if (kept.is_kept(at)) {
        const auto again = record(searcher, At::past_state(at));
        const auto& then = recorded.at(at)[i];
        EXPECT_EQ(again.documents == then.documents, true);
        EXPECT_EQ(again.ids == then.ids, true);
        EXPECT_EQ(again.found == then.found, true);
        EXPECT_EQ(again.filtered == then.filtered, true);
        EXPECT_EQ(again.exact, then.exact);
        EXPECT_EQ(again.where, then.where);
        EXPECT_EQ(again.text, then.text);
        EXPECT_EQ(*searcher.resolve({at, ""}, {}), at);
      } else {
        const auto refused = searcher.get(At::past_state(at), "d1", {}, {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
        EXPECT_NE(refused.error().detail.find(fmt::format("is seq {}", kept.from)),
                  std::string::npos)
            << refused.error().detail;
        EXPECT_FALSE(searcher.resolve({at, ""}, {}));
      }
    }
  }

  /// Views at hand answer for more than what is kept.
  void check_all() {
    for (auto& shard : shards) shard.shard().views()->retire_old();
    for (const auto& [at, then] : recorded) check(at);
  }

  void check_replicas() {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      shards[i].close();
      others[i].close();
      EXPECT_EQ(dump(shards[i].options().path), dump(others[i].options().path));
      storage::Database database(shards[i].options().path, storage::OpenMode::kReadWrite);
      database.execute("INSERT INTO history_fts(history_fts, rank) VALUES('integrity-check', 1)");
      database.execute(
          "INSERT INTO documents_fts(documents_fts, rank) VALUES('integrity-check', 1)");
    }
  }
};

TEST_P(TimeTravel, EveryStateThatIsKeptAnswersAsItDidThen) {
  if (GetParam().by_centroid) {
    Centroids centroids;
    for (std::uint32_t i = 0; i < GetParam().shards; ++i)
      centroids.vectors.push_back({1, static_cast<float>(i), 0});
    apply(EntryKind::kSetCentroids, encode_centroids(centroids));
  }
  for (int step = 0; step < 120; ++step) {
    anything();
    if (step % 20 == 19) check_all();
    if (HasFailure()) return;
  }
  check_replicas();
}

INSTANTIATE_TEST_SUITE_P(Shapes, TimeTravel,
                         ::testing::Values(Shape{1, false, 0}, Shape{1, false, 10},
                                           Shape{2, false, 1'000'000}, Shape{3, false, 5},
                                           Shape{3, true, 8}));

}  // namespace
}  // namespace mosaic::shard
