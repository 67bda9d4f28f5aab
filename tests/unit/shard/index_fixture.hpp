// A shard with enough vectors for a graph, and what it should find: by brute force over a copy of
// its documents.
#pragma once

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>

#include "index/measure.hpp"
#include "shard_fixture.hpp"

namespace mosaic::shard {

struct IndexFixture : ShardFixture {
  static constexpr std::uint32_t kDimension = 8;
  static constexpr std::size_t kDocuments = index::kGraphRowsMin + 500;
  static constexpr std::size_t kBatch = 1'000;

  std::mt19937_64 random{7};
  std::map<std::string, Vector> documents;
  std::vector<Error> damages;

  void SetUp() override {
    options.identity.dimension = kDimension;
    open();
  }

  void reopen() {
    shard.reset();
    options.made = true;
    open();
  }

  std::filesystem::path file() const { return index_path(options.path); }

  Vector random_vector() {
    std::normal_distribution<float> normal;
    Vector vector(kDimension);
    for (auto& x : vector) x = normal(random);
    return vector;
  }

  void upsert(const std::vector<std::string>& ids) {
    for (std::size_t at = 0; at < ids.size(); at += kBatch) {
      WriteBatch batch;
      for (std::size_t i = at; i < std::min(ids.size(), at + kBatch); ++i) {
        documents[ids[i]] = random_vector();
        batch.documents.push_back(make_document(ids[i], documents[ids[i]]));
      }
      write(batch);
    }
  }

  void remove(const std::vector<std::string>& ids) {
    WriteBatch batch;
    for (const auto& id : ids) {
      documents.erase(id);
      batch.deletions.push_back({id, 0});
    }
    write(batch);
  }

  static std::vector<std::string> names(std::size_t from, std::size_t to) {
    std::vector<std::string> ids;
    for (; from < to; ++from) ids.push_back(fmt::format("d{}", from));
    return ids;
  }

  void patch(IndexSettings index, Quantization quantization) {
    CollectionSettings settings;
    settings.name = "docs";
    settings.index = index;
    settings.quantization = quantization;
    const auto bytes = std::make_shared<const std::string>(encode_settings(settings));
    shard->apply({{++seq, EntryKind::kPatchCollection, bytes}});
  }

  IndexTask task() {
    return {shard->views()->take(0)->vectors, shard->index_wish(), shard->next_index_step().value(),
            1};
  }

  std::shared_ptr<index::Graph> made(const IndexTask& task) {
    return shard->index_file().build(task, std::atomic<bool>(false));
  }

  /// Everything that there is to build.
  void build() {
    for (int steps = 0; shard->next_index_step(); ++steps) {
      ASSERT_LT(steps, 10);
      const auto next = task();
      if (next.step.what == index::BuildStep::What::kDrop) {
        shard->drop_index();
      } else {
        ASSERT_TRUE(shard->adopt(made(next), next.wish.generation));
      }
    }
  }

  std::shared_ptr<index::Graph> graph() { return shard->views()->take(0)->vectors.graph(); }

  ShardSearcher listening_searcher() {
    return {{0},
            options.metric,
            shard->views(),
            std::make_shared<query::FilterCache>(1 << 20),
            options.path,
            [this](const auto&, const Error& error) { damages.push_back(error); }};
  }

  ShardQuery query_of(const Vector& vector, bool exact) {
    ShardQuery query;
    query.vector = vector;
    query.vector_arm = true;
    query.exact = exact;
    return query;
  }

  std::vector<std::string> expected(const Vector& query, std::size_t k = 10) {
    const index::Measure measure(options.metric, query);
    std::vector<std::pair<double, std::string>> all;
    for (const auto& [id, vector] : documents) {
      const auto scale = index::Measure::scale_of(options.metric, vector);
      all.emplace_back(measure.key(vector.data(), scale), id);
    }
    std::sort(all.begin(), all.end());
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < std::min(k, all.size()); ++i) ids.push_back(all[i].second);
    return ids;
  }

  /// Exact searches are right; those by the index find nearly all.
  void expect_right_answers(int queries = 20) {
    double found = 0;
    double wanted = 0;
    for (int i = 0; i < queries; ++i) {
      const auto query = random_vector();
      const auto right = expected(query);
      const auto exact = listening_searcher().search(0, query_of(query, true), {});
      ASSERT_TRUE(exact) << exact.error().detail;
      EXPECT_EQ(ids(exact->vector_arm), right);
      const auto near = listening_searcher().search(0, query_of(query, false), {});
      ASSERT_TRUE(near) << near.error().detail;
      const std::set<std::string> among(right.begin(), right.end());
      for (const auto& id : ids(near->vector_arm)) {
        EXPECT_TRUE(documents.contains(id)) << id;
        found += among.contains(id) ? 1 : 0;
      }
      wanted += static_cast<double>(right.size());
    }
    EXPECT_GE(found, 0.9 * wanted);
  }

  std::string bytes_of_file() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void put_file(const std::string& bytes) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
  }

  /// Changes bytes where they are, as a disk does: who has the file mapped sees it.
  void spoil(std::size_t at, std::size_t count) const {
    std::fstream out(file(), std::ios::in | std::ios::out | std::ios::binary);
    out.seekg(static_cast<std::streamoff>(at));
    std::string bytes(count, '\0');
    out.read(bytes.data(), static_cast<std::streamsize>(count));
    for (auto& byte : bytes) byte = static_cast<char>(~byte);
    out.seekp(static_cast<std::streamoff>(at));
    out.write(bytes.data(), static_cast<std::streamsize>(count));
  }
};

}  // namespace mosaic::shard
