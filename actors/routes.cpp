#include "actors/routes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace mosaic::actors {
namespace {

const Error kNotIntroduced{ErrorCode::kUnavailable,
                           "the part of the node that answers has just been started"};

std::shared_ptr<const space_route> open_space(const collection_opened& collection) {
  auto space = std::make_shared<space_route>();
  space->seq = collection.origin.space;
  space->settings = collection.settings;
  auto embedder = text::embedder_of(collection.settings, collection.origin.fingerprint);
  if (embedder) {
    space->embedder = std::move(*embedder);
  } else {
    space->failure = embedder.error();
  }
  return space;
}

/// Shards come to a new space one after the other, so the one of before is kept.
void follow_space(collection_route& route, const collection_opened& collection) {
  auto& spaces = route.spaces;
  if (!spaces.empty() && spaces.back()->seq == collection.origin.space) {
    // Somebody may have put its model back.
    if (spaces.back()->failure) spaces.back() = open_space(collection);
    return;
  }
  spaces.push_back(open_space(collection));
  if (spaces.size() > 2) spaces.erase(spaces.begin());
}

}  // namespace

const std::shared_ptr<const space_route>& collection_route::space_at(Seq at) const {
  return spaces.back()->seq <= at ? spaces.back() : spaces.front();
}

bool collection_route::serves(ShardId shard) const {
  const auto& route = shards.at(shard.value);
  const auto& searchers = route.searchers;
  return (route.far && !route.far->gone) ||
         std::any_of(searchers.begin(), searchers.end(),
                     [](const auto& searcher) { return !searcher->gone; });
}

const std::string& collection_route::node_of(ShardId shard, const std::string& here) const {
  const auto& elsewhere = shards.at(shard.value).elsewhere;
  return elsewhere ? *elsewhere : here;
}

std::optional<Seq> collection_route::snapshot(std::string_view name) const {
  for (const auto& record : *snapshots) {
    if (record.kept && record.snapshot.name == name) return record.snapshot.seq;
  }
  return std::nullopt;
}

Result<std::shared_ptr<searcher_route>> collection_route::searcher(ShardId shard) {
  auto& route = shards.at(shard.value);
  std::erase_if(route.searchers, [](const auto& searcher) { return searcher->gone; });
  auto& far = route.far;
  if (far && far->gone) far = nullptr;
  if (route.searchers.empty() || (route.behind && far)) {
    if (!far) return down(shard);
    return usable(shard, far);
  }
  // In turn among those that are equally busy.
  std::rotate(route.searchers.begin(), route.searchers.begin() + 1, route.searchers.end());
  const auto least = *std::min_element(
      route.searchers.begin(), route.searchers.end(), [](const auto& a, const auto& b) {
        return std::pair(a->silent(), a->waiting) < std::pair(b->silent(), b->waiting);
      });
  return usable(shard, least->silent() && far ? far : least);
}

Result<std::shared_ptr<searcher_route>> collection_route::usable(
    ShardId shard, const std::shared_ptr<searcher_route>& least) const {
  if (least->silent() && least->waiting > 0) {
    return Error{
        ErrorCode::kDeadlineExceeded,
        fmt::format("shard {} of collection '{}' does not answer", shard.value, settings.name)};
  }
  if (least->waiting < kSearcherWaitingMax) return least;
  const auto& route = shards.at(shard.value);
  const auto searchers = least == route.far ? 1 : route.searchers.size();
  return Error{ErrorCode::kOverloaded,
               fmt::format("{} requests wait for shard {} of collection '{}'",
                           least->waiting * searchers, shard.value, settings.name)};
}

Error collection_route::down(ShardId shard) const {
  const auto& route = shards.at(shard.value);
  if (route.elsewhere) {
    return {ErrorCode::kUnavailable,
            route.elsewhere->empty()
                ? fmt::format("shard {} of collection '{}' is lost: the nodes that had it are gone",
                              shard.value, settings.name)
                : fmt::format("shard {} of collection '{}' lives on {}, not reached now",
                              shard.value, settings.name, *route.elsewhere)};
  }
  const bool damaged = route.error.code == ErrorCode::kCorruptData;
  // Its searchers may be gone before the supervisor has said so.
  const auto state = route.state == ShardState::kUp ? ShardState::kDown : route.state;
  return {
      damaged ? ErrorCode::kCorruptData : ErrorCode::kUnavailable,
      fmt::format("shard {} of collection '{}' is {}{}{}", shard.value, settings.name,
                  to_string(state), route.error.detail.empty() ? "" : ": ", route.error.detail)};
}

void Routes::opened(const collection_opened& collection) {
  auto& route = collections_[collection.collection];
  if (!route) route = std::make_shared<collection_route>();
  route->id = collection.collection;
  route->settings = collection.settings;
  route->shards.resize(collection.settings.shards);
  for (auto& shard : route->shards) shard.elsewhere.reset();
  for (std::size_t i = 0; i < collection.elsewhere.size(); ++i) {
    auto& shard = route->shards.at(collection.elsewhere[i].value);
    shard.elsewhere = collection.nodes.at(i);
    shard.searchers.clear();
  }
  for (const auto& [key, far] : far_) {
    if (key.collection == collection.collection) route->shards.at(key.shard.value).far = far;
  }
  for (const auto& key : behind_) {
    if (key.collection == collection.collection) route->shards.at(key.shard.value).behind = true;
  }
  route->spread = collection.spread;
  route->cut = cuts_[collection.collection];
  by_name_[collection.settings.name] = collection.collection;
  if (is_by_centroid(collection.settings)) {
    route->placement =
        std::make_shared<routing::Placement>(collection.settings, collection.centroids);
  }
  route->origin = collection.origin;
  route->snapshots = collection.snapshots;
  follow_space(*route, collection);
}

void Routes::dropped(CollectionId id) {
  const auto found = collections_.find(id);
  if (found == collections_.end()) return;
  // Another collection may have taken its name before it went.
  const auto named = by_name_.find(found->second->settings.name);
  if (named != by_name_.end() && named->second == id) by_name_.erase(named);
  cuts_.erase(id);
  std::erase_if(behind_, [&](const auto& key) { return key.collection == id; });
  collections_.erase(found);
}

void Routes::up(const shard_key& key, std::vector<searcher_actor> searchers) {
  const auto found = collections_.find(key.collection);
  if (found == collections_.end()) return;
  auto& shard = found->second->shards.at(key.shard.value);
  shard.searchers.clear();
  for (auto& actor : searchers)
    shard.searchers.push_back(std::make_shared<searcher_route>(searcher_route{std::move(actor)}));
  shard.state = ShardState::kUp;
  shard.error = {};
}

void Routes::lost(const shard_lost& lost) {
  const auto found = collections_.find(lost.key.collection);
  if (found == collections_.end()) return;
  auto& shard = found->second->shards.at(lost.key.shard.value);
  shard.searchers.clear();
  shard.state = lost.state;
  shard.error = lost.error;
}

void Routes::far_up(const shard_key& key, far_shards_actor others) {
  const auto far = std::make_shared<searcher_route>(searcher_route{{}, std::move(others)});
  far_[key] = far;
  if (const auto route = at(key.collection)) route->shards.at(key.shard.value).far = far;
}

void Routes::far_lost(const shard_key& key) {
  far_.erase(key);
  if (const auto route = at(key.collection)) route->shards.at(key.shard.value).far = nullptr;
}

void Routes::cut(const cut_moved& moved) {
  // The log and the supervisor are two senders: a cut may come before its collection.
  auto& cut = cuts_[moved.collection];
  cut = std::max(cut, moved.cut);
  const auto found = collections_.find(moved.collection);
  if (found != collections_.end()) found->second->cut = cut;
}

void Routes::behind(const shard_key& key, bool is) {
  is ? static_cast<void>(behind_.insert(key)) : static_cast<void>(behind_.erase(key));
  if (const auto route = at(key.collection)) route->shards.at(key.shard.value).behind = is;
}

Result<std::shared_ptr<collection_route>> Routes::find(const std::string& name) {
  if (const auto found = by_name_.find(name); found != by_name_.end())
    return collections_.at(found->second);
  if (!introduced_) return kNotIntroduced;
  return Error{ErrorCode::kNotFound, fmt::format("collection '{}' does not exist", name)};
}

std::shared_ptr<collection_route> Routes::at(CollectionId id) const {
  const auto found = collections_.find(id);
  return found == collections_.end() ? nullptr : found->second;
}

Result<std::vector<std::shared_ptr<collection_route>>> Routes::all() const {
  if (!introduced_) return kNotIntroduced;
  std::vector<std::shared_ptr<collection_route>> routes;
  for (const auto& [name, id] : by_name_) routes.push_back(collections_.at(id));
  return routes;
}

}  // namespace mosaic::actors
