// What a coordinator knows of the collections: their settings, who serves each shard, and the cut
// that searches may use. One for each coordinator, kept current by the messages of a
// route_listener.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/protocol.hpp"
#include "text/embedder.hpp"

namespace mosaic::actors {

struct shard_route {
  std::vector<searcher_actor> searchers;  ///< empty while the shard is down
  std::size_t next = 0;
  ShardState state = ShardState::kStarting;
  Error error;  ///< why it is not up
};

struct collection_route {
  CollectionId id;
  CollectionSettings settings;
  std::shared_ptr<const text::Embedder> embedder;  ///< null: vectors come from outside
  std::vector<shard_route> shards;
  Seq cut = 0;

  /// The next searcher of a shard in turn, or null while it is down.
  const searcher_actor* searcher(ShardId shard);
  /// What to search at: 0, the newest view, when one shard is all there is.
  Seq search_cut() const { return shards.size() == 1 ? 0 : cut; }
  Error down(ShardId shard) const;
};

class Routes {
 public:
  explicit Routes(std::string node) : node_(std::move(node)) {}

  void opened(const collection_opened& collection);
  void dropped(CollectionId id);
  void up(const shard_key& key, std::vector<searcher_actor> searchers);
  void lost(const shard_lost& lost);
  void cut(const cut_moved& moved);

  /// not_found names the collection.
  Result<std::shared_ptr<collection_route>> find(const std::string& name);
  std::vector<std::shared_ptr<collection_route>> all() const;
  const std::string& node() const { return node_; }

 private:
  std::string node_;
  std::map<CollectionId, std::shared_ptr<collection_route>> collections_;
  std::map<std::string, CollectionId, std::less<>> by_name_;
};

}  // namespace mosaic::actors
