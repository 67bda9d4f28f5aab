// What a coordinator knows of the collections: their settings, who serves each shard, and the cut
// that searches may use. One for each coordinator, kept current by the messages of a
// route_listener.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actors/protocol.hpp"
#include "routing/placement.hpp"
#include "text/embedder.hpp"

namespace mosaic::actors {

/// One searcher lets so many requests of one coordinator wait; past it, its shard is left out.
constexpr std::size_t kSearcherWaitingMax = 256;
/// After so many requests in a row without an answer in time, a searcher gets one at a time, to see
/// whether it is back. So what stalls costs others no time, and its queue does not grow.
constexpr std::size_t kSearcherTimeoutsMax = 3;
/// A request that waited less tells nothing about the searcher.
constexpr std::chrono::milliseconds kSilenceMin{100};

struct searcher_route {
  searcher_actor actor;
  far_shards_actor far = {};  ///< asks other nodes instead, where it is not null
  std::size_t waiting = 0;    ///< requests without an answer yet
  std::size_t timeouts = 0;   ///< since the last answer
  bool gone = false;          ///< dead; the supervisor has not said so yet

  bool silent() const { return timeouts >= kSearcherTimeoutsMax; }
  void answered() {
    --waiting;
    timeouts = 0;
  }
  void timed_out(std::chrono::nanoseconds waited) {
    --waiting;
    if (waited >= kSilenceMin) ++timeouts;
  }
};

struct shard_route {
  std::vector<std::shared_ptr<searcher_route>> searchers;  ///< empty while the shard is down here
  std::shared_ptr<searcher_route> far;  ///< asks other nodes that hold it; null: none does
  bool behind = false;  ///< what lives here has not got all; others that hold it are asked
  std::optional<std::string> elsewhere;  ///< the nodes that it lives on alone; none: here, too
  ShardState state = ShardState::kStarting;
  Error error;                             ///< why it is not up
  std::optional<std::uint64_t> documents;  ///< as last heard
};

/// What vectors can be compared with those of a collection, while one of its spaces is in force.
struct space_route {
  Seq seq = 0;                  ///< VectorOrigin::space
  CollectionSettings settings;  ///< as it began: for its embedder and dimension
  text::EmbedderPtr embedder;   ///< null: vectors come from outside the process
  /// Why its embedder makes no vectors of text: unavailable.
  std::optional<Error> failure;
};

struct collection_route {
  CollectionId id;
  CollectionSettings settings;
  VectorOrigin origin;
  /// The one in force, and, before it, the one that shards may still be in. Never empty.
  std::vector<std::shared_ptr<const space_route>> spaces;
  std::shared_ptr<const routing::Placement> placement;  ///< null: by the hash of the id
  std::vector<shard_route> shards;
  SnapshotRecords snapshots;  ///< never null
  bool spread = false;        ///< some node lacks some shard
  Seq cut = 0;

  /// What new vectors are made for.
  const std::shared_ptr<const space_route>& space() const { return spaces.back(); }
  /// What the shards are in at `at`, as far as is known.
  const std::shared_ptr<const space_route>& space_at(Seq at) const;
  /// Somebody is there to answer for the shard, as far as is known.
  bool serves(ShardId shard) const;
  /// The least busy searcher of a shard, on other nodes only where none here answers or has all; or
  /// why there is none to ask.
  Result<std::shared_ptr<searcher_route>> searcher(ShardId shard);
  /// Who is to be named for what a shard does not do: `here`, or the nodes that it lives on.
  const std::string& node_of(ShardId shard, const std::string& here) const;
  /// The state that a snapshot of this name keeps.
  std::optional<Seq> snapshot(std::string_view name) const;
  /// What to search at: 0, the newest view, when one shard is all there is, and every node has it.
  Seq search_cut() const { return shards.size() == 1 && !spread ? 0 : cut; }
  /// What to read documents at: the newest views will do where each has one shard for ever.
  Seq read_cut() const { return placement ? search_cut() : 0; }

 private:
  Error down(ShardId shard) const;
  Result<std::shared_ptr<searcher_route>> usable(
      ShardId shard, const std::shared_ptr<searcher_route>& least) const;
};

class Routes {
 public:
  explicit Routes(std::string node) : node_(std::move(node)) {}

  void opened(const collection_opened& collection);
  void dropped(CollectionId id);
  void up(const shard_key& key, std::vector<searcher_actor> searchers);
  void lost(const shard_lost& lost);
  /// Others hold the shard, too.
  void far_up(const shard_key& key, far_shards_actor others);
  void far_lost(const shard_key& key);
  void cut(const cut_moved& moved);
  /// The shard that lives here has not applied all that was handed out.
  void behind(const shard_key& key, bool is);
  /// All that there was has been told: from now on, what is not known does not exist.
  void introduced() { introduced_ = true; }

  /// not_found names the collection; unavailable before the introduction.
  Result<std::shared_ptr<collection_route>> find(const std::string& name);
  /// Null: there is none.
  std::shared_ptr<collection_route> at(CollectionId id) const;
  /// Likewise unavailable: a list that left some out would be read as if they were gone.
  Result<std::vector<std::shared_ptr<collection_route>>> all() const;
  const std::string& node() const { return node_; }

 private:
  std::string node_;
  bool introduced_ = false;
  std::map<CollectionId, std::shared_ptr<collection_route>> collections_;
  std::map<std::string, CollectionId, std::less<>> by_name_;
  /// Also of collections not heard of yet.
  std::map<CollectionId, Seq> cuts_;
  std::map<shard_key, std::shared_ptr<searcher_route>> far_;
  std::set<shard_key> behind_;
};

}  // namespace mosaic::actors
