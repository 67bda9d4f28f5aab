#include "search_fixture.hpp"

namespace mosaic::actors {

void SearchFixture::start(const std::vector<std::size_t>& documents) {
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

void SearchFixture::TearDown() {
  for (const auto& searcher : searchers) end(searcher);
  for (const auto& ranker : rankers) end(ranker);
  end(embedder);
  end(coordinator_under_test);
  run();
}

void SearchFixture::open() {
  caf::anon_send(coordinator_under_test, opened_atom_v, collection_opened{kDocs, settings});
  caf::anon_send(coordinator_under_test, introduced_atom_v);
}

void SearchFixture::wire() {
  auto parts = std::make_shared<node_parts>();
  parts->coordinators = {coordinator_under_test};
  parts->rankers = rankers;
  parts->embedder = embedder;
  caf::anon_send(coordinator_under_test, parts_atom_v, node_parts_ptr(parts));
  run();
}

void SearchFixture::start_searcher(ShardId shard) {
  searchers[shard.value] = system.spawn(fake_searcher, &shards[shard.value]);
  caf::anon_send(coordinator_under_test, up_atom_v, shard_key{kDocs, shard},
                 std::vector<searcher_actor>{searchers[shard.value]});
  run();
}

void SearchFixture::lose(ShardId shard, const Error& error) {
  caf::anon_send(coordinator_under_test, lost_atom_v,
                 shard_lost{{kDocs, shard}, ShardState::kDown, error});
  run();
}

Answer<SearchReply> SearchFixture::begin_search(const SearchRequest& request) {
  return begin<SearchReply>(coordinator_under_test, search_atom_v, request);
}

Result<SearchReply> SearchFixture::search(const SearchRequest& request) {
  return ask<SearchReply>(coordinator_under_test, search_atom_v, request);
}

std::chrono::nanoseconds SearchFixture::search_taking(const SearchRequest& request,
                                                      Result<SearchReply>& reply) {
  const auto began = now();
  const auto answer = begin_search(request);
  run();
  while (!answer->answered() && now() < began + 10 * kBudget) pass(std::chrono::milliseconds(1));
  reply = answer->answered() ? *answer->result : Error{ErrorCode::kInternal, "never answered"};
  return now() - began;
}

}  // namespace mosaic::actors
