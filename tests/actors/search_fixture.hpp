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
  void start(const std::vector<std::size_t>& documents) {
    settings.name = "docs";
    settings.dimension = 2;
    settings.shards = static_cast<std::uint32_t>(documents.size());
    coordinator_under_test = system.spawn(
        coordinator, coordinator_config{"n1", static_cast<std::uint32_t>(kBudget.count()), 0,
                                        search_metrics, 0, results});
    open();
    searchers.resize(documents.size());
    for (std::uint32_t i = 0; i < documents.size(); ++i) {
      shards.push_back({{i}, documents_of({i}, documents[i])});
      start_searcher({i});
    }
    caf::anon_send(coordinator_under_test, cut_atom_v, cut_moved{kDocs, 1});
    if (rankers.empty()) rankers.push_back(system.spawn(ranker));
    wire();
  }

  void TearDown() override {
    for (const auto& searcher : searchers) end(searcher);
    for (const auto& ranker : rankers) end(ranker);
    end(embedder);
    end(coordinator_under_test);
    run();
  }

  /// Settings as they are now.
  void open() {
    caf::anon_send(coordinator_under_test, opened_atom_v, collection_opened{kDocs, settings});
    caf::anon_send(coordinator_under_test, introduced_atom_v);
  }

  void wire() {
    auto parts = std::make_shared<node_parts>();
    parts->coordinators = {coordinator_under_test};
    parts->rankers = rankers;
    parts->embedder = embedder;
    caf::anon_send(coordinator_under_test, parts_atom_v, node_parts_ptr(parts));
    run();
  }

  void start_searcher(ShardId shard) {
    searchers[shard.value] = system.spawn(fake_searcher, &shards[shard.value]);
    caf::anon_send(coordinator_under_test, up_atom_v, shard_key{kDocs, shard},
                   std::vector<searcher_actor>{searchers[shard.value]});
    run();
  }

  void lose(ShardId shard, const Error& error) {
    caf::anon_send(coordinator_under_test, lost_atom_v,
                   shard_lost{{kDocs, shard}, ShardState::kDown, error});
    run();
  }

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

  Answer<SearchReply> begin_search(const SearchRequest& request) {
    return begin<SearchReply>(coordinator_under_test, search_atom_v, request);
  }

  Result<SearchReply> search(const SearchRequest& request) {
    return ask<SearchReply>(coordinator_under_test, search_atom_v, request);
  }

  /// Searches, lets time pass until there is an answer, and gives how long that took.
  std::chrono::nanoseconds search_taking(const SearchRequest& request, Result<SearchReply>& reply) {
    const auto began = now();
    const auto answer = begin_search(request);
    run();
    while (!answer->answered() && now() < began + 10 * kBudget) pass(std::chrono::milliseconds(1));
    reply = answer->answered() ? *answer->result : Error{ErrorCode::kInternal, "never answered"};
    return now() - began;
  }
};

}  // namespace mosaic::actors
