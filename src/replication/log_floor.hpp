// Up to where the log may be cut: past what every shard with unsaved changes has on disk, and never
// past a catalog entry that is still being applied. Pure. Owned by the log actor.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/entry.hpp"

namespace mosaic::replication {

class LogFloor {
 public:
  /// A shard of `collection` is safe on disk up to `durable`.
  void saved(CollectionId collection, ShardId shard, Seq durable);
  /// The newest entry that concerns the shards of `collection`.
  void written(CollectionId collection, Seq seq);
  void dropped(CollectionId collection);
  /// A shard lives elsewhere now, and needs nothing of this log any more.
  void gone(CollectionId collection, ShardId shard);
  void catalog_begun(Seq seq) { catalog_.insert(seq); }
  void catalog_done(Seq seq) { catalog_.erase(seq); }

  /// Shards that have not saved all that concerns them, and are safe up to `limit` at most.
  std::vector<std::pair<CollectionId, ShardId>> unsaved(Seq limit) const;

  /// Everything up to here is safe elsewhere; `last` is the newest entry that this was told of.
  Seq floor(Seq last) const;

 private:
  struct Collection {
    Seq written = 0;
    std::map<ShardId, Seq> durable;
  };
  std::map<CollectionId, Collection> collections_;
  std::set<Seq> catalog_;
};

}  // namespace mosaic::replication
