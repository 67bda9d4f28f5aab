#include "actors/routes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace mosaic::actors {

const searcher_actor* collection_route::searcher(ShardId shard) {
  auto& route = shards.at(shard.value);
  if (route.searchers.empty()) return nullptr;
  return &route.searchers[route.next++ % route.searchers.size()];
}

Error collection_route::down(ShardId shard) const {
  const auto& route = shards.at(shard.value);
  const bool damaged = route.error.code == ErrorCode::kCorruptData;
  return {damaged ? ErrorCode::kCorruptData : ErrorCode::kUnavailable,
          fmt::format("shard {} of collection '{}' is {}{}{}", shard.value, settings.name,
                      to_string(route.state), route.error.detail.empty() ? "" : ": ",
                      route.error.detail)};
}

void Routes::opened(const collection_opened& collection) {
  auto& route = collections_[collection.collection];
  if (!route) route = std::make_shared<collection_route>();
  route->id = collection.collection;
  route->settings = collection.settings;
  route->shards.resize(collection.settings.shards);
  by_name_[collection.settings.name] = collection.collection;
  if (!route->embedder) route->embedder = text::make_embedder(collection.settings);
}

void Routes::dropped(CollectionId id) {
  const auto found = collections_.find(id);
  if (found == collections_.end()) return;
  by_name_.erase(found->second->settings.name);
  collections_.erase(found);
}

void Routes::up(const shard_key& key, std::vector<searcher_actor> searchers) {
  const auto found = collections_.find(key.collection);
  if (found == collections_.end()) return;
  found->second->shards.at(key.shard.value) = {std::move(searchers), 0, ShardState::kUp, {}};
}

void Routes::lost(const shard_lost& lost) {
  const auto found = collections_.find(lost.key.collection);
  if (found == collections_.end()) return;
  found->second->shards.at(lost.key.shard.value) = {{}, 0, lost.state, lost.error};
}

void Routes::cut(const cut_moved& moved) {
  const auto found = collections_.find(moved.collection);
  if (found != collections_.end()) found->second->cut = std::max(found->second->cut, moved.cut);
}

Result<std::shared_ptr<collection_route>> Routes::find(const std::string& name) {
  if (const auto found = by_name_.find(name); found != by_name_.end())
    return collections_.at(found->second);
  return Error{ErrorCode::kNotFound, fmt::format("collection '{}' does not exist", name)};
}

std::vector<std::shared_ptr<collection_route>> Routes::all() const {
  std::vector<std::shared_ptr<collection_route>> routes;
  for (const auto& [name, id] : by_name_) routes.push_back(collections_.at(id));
  return routes;
}

}  // namespace mosaic::actors
