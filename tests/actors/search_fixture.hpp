// A real coordinator and ranker over fake searchers: one for each shard of the collection 'docs'.
#pragma once

#include <deque>

#include <fmt/format.h>

#include "actor_fixture.hpp"
#include "fake_searcher.hpp"

namespace mosaic::actors {

struct SearchFixture : ActorFixture {
  using Mode = fake_shard::Mode;
  static constexpr CollectionId kDocs{1};
  static constexpr std::chrono::milliseconds kBudget{1'000};

  CollectionSettings settings;
  std::deque<fake_shard> shards;
  std::vector<searcher_actor> searchers;
  std::vector<ranker_actor> rankers;
  embedder_actor embedder;
  coordinator_actor coordinator_under_test;
  metrics::NodeMetricsPtr search_metrics = std::make_shared<metrics::NodeMetrics>();
  /// Keeps nothing unless a test gives it room.
  std::shared_ptr<query::ResultCache> results = std::make_shared<query::ResultCache>(0);

  /// `documents`: how many the fake shards hold, one number for each.
  void start(const std::vector<std::size_t>& documents);
  void TearDown() override;

  /// Settings as they are now.
  void open();
  void wire();
  void start_searcher(ShardId shard);
  void lose(ShardId shard, const Error& error);

  static std::vector<Document> documents_of(ShardId shard, std::size_t count) {
    std::vector<Document> documents(count);
    for (std::size_t i = 0; i < count; ++i) {
      documents[i].id = fmt::format("s{}d{}", shard.value, i);
      documents[i].text = "words";
      documents[i].vector = {1, static_cast<float>(i)};
    }
    return documents;
  }

  static SearchRequest by_vector() {
    SearchRequest request;
    request.collection = "docs";
    request.vector = {1, 0};
    request.k = 100;
    return request;
  }

  static SearchRequest by_text() {
    SearchRequest request;
    request.collection = "docs";
    request.query = "words";
    request.mode = SearchMode::kText;
    request.k = 100;
    return request;
  }

  /// What a ranker is asked for.
  static SearchRequest by_both() {
    auto request = by_vector();
    request.query = "words";
    return request;
  }

  Answer<SearchReply> begin_search(const SearchRequest& request);
  Result<SearchReply> search(const SearchRequest& request);

  /// Searches, lets time pass until there is an answer, and gives how long that took.
  std::chrono::nanoseconds search_taking(const SearchRequest& request, Result<SearchReply>& reply);
};

}  // namespace mosaic::actors
