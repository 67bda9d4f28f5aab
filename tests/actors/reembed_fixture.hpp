// A whole node with a collection that goes over to another embedder.
#pragma once

#include "actors/reembed_job.hpp"
#include "base/vector_origin.hpp"
#include "jobs_fixture.hpp"
#include "text/hash_embedder.hpp"

namespace mosaic::actors {

constexpr std::uint32_t kOld = 8;
constexpr std::uint32_t kNew = 24;
/// Searches at a time; more would be refused as too many.
constexpr std::ptrdiff_t kCrowd = 20;

struct ReembedTest : JobsFixture {
  const unsigned seed = std::random_device()();
  std::mt19937 random{seed};
  std::map<std::string, std::string> texts;  ///< acknowledged

  void make(std::uint32_t count, const std::string& routing = "hash") {
    CollectionSettings settings;
    settings.name = "docs";
    settings.embedder = "hash";
    settings.dimension = kOld;
    settings.shards = count;
    settings.routing = routing;
    const auto put = ask<CollectionPut>(writer, create_atom_v, settings, RequestId{});
    ASSERT_TRUE(put) << put.error().detail;
  }

  std::string random_text() {
    std::string text;
    for (int i = 0; i < 3; ++i) text += fmt::format("word{} ", random() % 40);
    return text;
  }

  Answer<UpsertReply> begin_writing(const std::map<std::string, std::string>& written) {
    UpsertRequest request{"docs", {}};
    for (const auto& [id, text] : written) {
      Document document;
      document.id = id;
      document.text = text;
      request.documents.push_back(document);
    }
    return begin<UpsertReply>(writer, upsert_atom_v, request, RequestId{});
  }

  void write_some(int first, int count) {
    std::map<std::string, std::string> written;
    for (int i = first; i < first + count; ++i) written[fmt::format("d{}", i)] = random_text();
    const auto answer = begin_writing(written);
    run();
    ASSERT_TRUE(answer->answered() && *answer->result);
    for (const auto& [id, text] : written) texts[id] = text;
  }

  Result<Job> try_reembed(const std::string& name, std::uint32_t dimension) {
    return ask<Job>(jobs, reembed_atom_v, ReembedRequest{"docs", name, dimension});
  }

  Answer<Job> begin_reembed(std::uint32_t dimension = kNew) {
    return begin<Job>(jobs, reembed_atom_v, ReembedRequest{"docs", "hash", dimension});
  }

  Job only_job() {
    const auto all = ask<jobs_reply>(jobs, list_atom_v);
    EXPECT_FALSE(all->jobs.empty());
    return all->jobs.empty() ? Job{} : all->jobs.front();
  }

  const storage::CollectionRecord& record() const { return *catalog->find("docs"); }

  SearchRequest vector_search(const std::string& query) const {
    SearchRequest request;
    request.collection = "docs";
    request.query = query;
    request.mode = SearchMode::kVector;
    request.exact = true;
    request.k = 10'000;
    request.include.vector = true;
    return request;
  }

  /// By brute force over what was acknowledged.
  std::map<std::string, double> oracle(const std::string& query, std::uint32_t dimension) const {
    const auto asked = text::embed_query(query, dimension);
    std::map<std::string, double> distances;
    for (const auto& [id, text] : texts) {
      const auto vector = text::embed("", text, dimension);
      if (vector.empty()) continue;
      double product = 0;
      for (std::uint32_t i = 0; i < dimension; ++i) product += double{asked[i]} * vector[i];
      distances[id] = 1 - product;
    }
    return distances;
  }

  /// The dimension of the vectors that the answer is of: one for all hits, measured by it.
  std::uint32_t expect_of_one_space(const SearchReply& reply, const std::string& query) const {
    EXPECT_FALSE(reply.partial) << (reply.failed.empty() ? "" : reply.failed.front().error.detail);
    if (reply.hits.empty()) return 0;
    const auto dimension =
        static_cast<std::uint32_t>(reply.hits.front().stored.document.vector.size());
    const auto asked = text::embed_query(query, dimension);
    for (const auto& hit : reply.hits) {
      const auto& document = hit.stored.document;
      EXPECT_EQ(document.vector, text::embed("", document.text.value_or(""), dimension));
      double product = 0;
      for (std::uint32_t i = 0; i < dimension; ++i)
        product += double{asked[i]} * document.vector.at(i);
      EXPECT_NEAR(hit.distance.value_or(-9), 1 - product, 1e-5) << document.id;
    }
    return dimension;
  }

  void expect_exact(std::uint32_t dimension) {
    for (const std::string query : {"word1 word2", "word7", "word30 word31 word32"}) {
      const auto reply = ask<SearchReply>(reader, search_atom_v, vector_search(query));
      ASSERT_TRUE(reply) << reply.error().detail;
      EXPECT_EQ(expect_of_one_space(*reply, query), dimension);
      std::map<std::string, double> found;
      for (const auto& hit : reply->hits) found[hit.stored.document.id] = *hit.distance;
      const auto wanted = oracle(query, dimension);
      ASSERT_EQ(found.size(), wanted.size());
      for (const auto& [id, distance] : wanted) EXPECT_NEAR(found.at(id), distance, 1e-5) << id;
    }
  }

  /// One step of one actor at a time, as long as there is one.
  bool step() {
    if (scheduler.try_run_once()) return true;
    if (!scheduler.has_pending_timeout()) return false;
    pass(std::chrono::milliseconds(1));
    return true;
  }
};

}  // namespace mosaic::actors
