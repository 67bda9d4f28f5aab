// Thousands of random searches over a shard that lives through overwrites and deletes, compared
// with an oracle that keeps all documents in a map and looks at each of them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "shard_fixture.hpp"

namespace mosaic::shard {
namespace {

struct Known {
  Vector vector;
  int size = 0;
  std::string section;
  bool tagged = false;
};

double distance_of(Metric metric, const Vector& a, const Vector& b) {
  double dot = 0;
  double aa = 0;
  double bb = 0;
  double l1 = 0;
  double l2 = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
    l1 += std::abs(double{a[i]} - b[i]);
    l2 += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  }
  switch (metric) {
    case Metric::kCosine:
      return 1 - dot / std::sqrt(aa * bb);
    case Metric::kL2:
      return std::sqrt(l2);
    case Metric::kDot:
      return -dot;
    case Metric::kL1:
      return l1;
  }
  return 0;
}

struct Condition {
  std::string filter;
  std::string where;
  std::function<bool(const std::string&, const Known&)> holds;
};

class Oracle : public ShardFixture, public ::testing::WithParamInterface<Metric> {
 protected:
  static constexpr std::size_t kDimension = 7;
  std::mt19937 random{std::random_device{}()};
  std::map<std::string, Known> documents;
  const std::vector<std::string> sections{"net", "games", "admin", "a'b", "ü"};

  int pick(int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); }

  Vector random_vector() {
    // Small whole numbers make many exact ties.
    Vector vector(kDimension);
    for (auto& x : vector) x = static_cast<float>(pick(5) - 2);
    vector[0] = 1;
    return vector;
  }

  Document random_document(const std::string& id) {
    Known known{random_vector(), pick(20), sections[static_cast<std::size_t>(pick(5))],
                pick(3) == 0};
    if (pick(10) == 0) known.vector.clear();
    documents[id] = known;
    const auto tag = known.tagged ? R"(,"tags":["x","y"])" : "";
    return make_document(
        id, known.vector, "",
        fmt::format(R"({{"section":"{}","size":{}{}}})", known.section, known.size, tag));
  }

  void write_randomly() {
    WriteBatch batch;
    std::map<std::string, bool> used;
    for (int i = pick(8); i >= 0; --i) {
      const auto id = fmt::format("d{}", pick(120));
      if (!used.emplace(id, true).second) continue;
      if (pick(4) == 0) {
        batch.deletions.push_back({id, 0});
        documents.erase(id);
      } else {
        batch.documents.push_back(random_document(id));
      }
    }
    write(batch);
  }

  Condition random_condition() {
    const auto section = sections[static_cast<std::size_t>(pick(5))];
    const int size = pick(22) - 1;
    switch (pick(9)) {
      case 0:
        return {"", "", [](auto&, auto&) { return true; }};
      case 1:
        return {fmt::format(R"({{"section":"{}"}})", section), "",
                [=](auto&, auto& d) { return d.section == section; }};
      case 2:
        return {fmt::format(R"({{"size":{{"$gt":{}}}}})", size), "",
                [=](auto&, auto& d) { return d.size > size; }};
      case 3:
        return {fmt::format(R"({{"$or":[{{"section":"{}"}},{{"size":{{"$lte":{}}}}}]}})", section,
                            size),
                "", [=](auto&, auto& d) { return d.section == section || d.size <= size; }};
      case 4:
        return {R"({"tags":{"$exists":false}})", "", [](auto&, auto& d) { return !d.tagged; }};
      case 5:
        return {fmt::format(R"({{"tags":{{"$contains":"x"}},"section":{{"$ne":"{}"}}}})", section),
                "", [=](auto&, auto& d) { return d.tagged && d.section != section; }};
      case 6:
        return {R"({"$id":{"$in":["d1","d2","d3","d50"]}})", "", [](auto& id, auto&) {
                  return id == "d1" || id == "d2" || id == "d3" || id == "d50";
                }};
      case 7:
        return {"", fmt::format("metadata->>'size' < {} AND id <> 'd7'", size),
                [=](auto& id, auto& d) { return d.size < size && id != "d7"; }};
      default:
        return {fmt::format(R"({{"$not":{{"section":"{}"}}}})", section),
                fmt::format("metadata->>'size' % 2 = 0"),
                [=](auto&, auto& d) { return d.section != section && d.size % 2 == 0; }};
    }
  }

  void search_randomly(ShardSearcher& searcher) {
    const auto condition = random_condition();
    const auto query = random_vector();
    const auto k = static_cast<std::size_t>(1 + pick(40));
    std::vector<std::pair<double, std::string>> expected;
    for (const auto& [id, known] : documents) {
      if (!known.vector.empty() && condition.holds(id, known)) {
        expected.emplace_back(distance_of(options.metric, query, known.vector), id);
      }
    }
    std::sort(expected.begin(), expected.end());
    ShardQuery asked;
    asked.vector = query;
    asked.vector_arm = true;
    asked.depth = k;
    asked.filter = condition.filter;
    asked.where = condition.where;
    const auto found = searcher.search(0, asked, {});
    ASSERT_TRUE(found) << found.error().detail;
    SCOPED_TRACE(condition.filter + " " + condition.where);
    ASSERT_EQ(found->vector_arm.size(), std::min(k, expected.size()));
    for (std::size_t i = 0; i < found->vector_arm.size(); ++i) {
      const auto& candidate = found->vector_arm[i];
      ASSERT_NEAR(*candidate.distance, expected[i].first, 1e-5);
      // The id's own distance: ties within rounding may stand in another order under cosine and l2.
      ASSERT_NEAR(*candidate.distance,
                  distance_of(options.metric, query, documents.at(candidate.id).vector), 1e-5);
      if (options.metric == Metric::kDot || options.metric == Metric::kL1) {
        ASSERT_EQ(candidate.id, expected[i].second);
      }
    }
  }
};

TEST_P(Oracle, EverySearchEqualsTheBruteForceAnswer) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  random.seed(seed);
  options.metric = GetParam();
  options.identity.dimension = kDimension;
  if (pick(2) == 0) options.indexed = {"section", "size"};
  open();
  auto asking = std::make_unique<ShardSearcher>(searcher());
  for (int round = 0; round < 120; ++round) {
    write_randomly();
    for (int i = 0; i < 10; ++i) {
      search_randomly(*asking);
      if (HasFatalFailure()) return;
    }
    if (round % 40 == 39) {
      asking.reset();
      shard.reset();
      options.made = true;
      open();
      asking = std::make_unique<ShardSearcher>(searcher());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllMetrics, Oracle,
                         ::testing::Values(Metric::kCosine, Metric::kL2, Metric::kDot,
                                           Metric::kL1));

}  // namespace
}  // namespace mosaic::shard
