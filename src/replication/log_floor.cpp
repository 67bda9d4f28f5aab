#include "replication/log_floor.hpp"

#include <algorithm>

namespace mosaic::replication {

void LogFloor::saved(CollectionId collection, ShardId shard, Seq durable) {
  auto& known = collections_[collection].durable[shard];
  known = std::max(known, durable);
}

void LogFloor::written(CollectionId collection, Seq seq) {
  auto& written = collections_[collection].written;
  written = std::max(written, seq);
}

void LogFloor::gone(CollectionId collection, ShardId shard) {
  collections_[collection].durable.erase(shard);
}

void LogFloor::dropped(CollectionId collection) {
  collections_.erase(collection);
}

std::vector<std::pair<CollectionId, ShardId>> LogFloor::unsaved(Seq limit) const {
  std::vector<std::pair<CollectionId, ShardId>> found;
  for (const auto& [id, collection] : collections_) {
    for (const auto& [shard, durable] : collection.durable) {
      if (durable < collection.written && durable <= limit) found.emplace_back(id, shard);
    }
  }
  return found;
}

Seq LogFloor::floor(Seq last) const {
  Seq floor = last;
  for (const auto& [id, collection] : collections_) {
    for (const auto& [shard, durable] : collection.durable) {
      if (durable < collection.written) floor = std::min(floor, durable);
    }
  }
  if (!catalog_.empty()) floor = std::min(floor, *catalog_.begin() - 1);
  return floor;
}

}  // namespace mosaic::replication
