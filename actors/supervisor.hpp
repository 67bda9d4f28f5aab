// Shard supervisor: applies catalog entries, runs one shard actor for every shard, one_for_one: a
// crashed shard is started again after a pause while the others go on; one that keeps failing is
// parked and tried rarely. When the log was started again, every shard is, too: only so is it
// certain that none has missed an entry. Owns the catalog; its file work is rare and short, but it
// has a thread of its own all the same.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>

#include "actors/faults.hpp"
#include "actors/fetch.hpp"
#include "actors/promise.hpp"
#include "actors/shard.hpp"
#include "base/wall_clock.hpp"
#include "cluster/restart_policy.hpp"
#include "storage/catalog.hpp"
#include "storage/data_folder.hpp"

namespace mosaic::actors {

/// Starts the actor of one shard; tests give shards that fail on purpose.
using shard_factory = std::function<shard_actor(caf::scheduled_actor*, shard_config)>;
/// Starts who fetches one file; tests give it no thread of its own.
using fetch_factory = std::function<fetch_actor(caf::scheduled_actor*, fetch_config)>;

struct supervisor_config {
  std::string node;  ///< its name
  std::string version;
  std::shared_ptr<const storage::DataFolder> folder;
  std::shared_ptr<storage::Catalog> catalog;
  shard_config shards;  ///< what all shards have in common
  shard_factory start_shard;
  fetch_factory start_fetch;
  cluster::RestartLimits restarts;
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  /// Since 1970, as the log gives entries their times.
  std::function<std::int64_t()> wall_ms = wall_clock_ms;
  std::uint64_t self = 0;  ///< this node, as the catalog knows it
  /// The log keeps nothing up to here: a shard that is older and has no file here is fetched from
  /// another node.
  std::function<Seq()> log_forgotten = [] { return Seq{0}; };
  std::function<Seq()> log_seq = [] { return Seq{0}; };
  std::uint64_t move_bytes_per_s = std::numeric_limits<std::uint64_t>::max();
};

struct supervisor_state {
  struct child {
    metrics::ShardMeterPtr meter;
    shard_actor actor;
    caf::actor fetcher;                     ///< while the file is on its way from another node
    std::vector<searcher_actor> searchers;  ///< of a shard that is up
    bool sent_away = false;                 ///< ends because it was told to, to begin anew
    bool crashed = false;                   ///< ended last by a failure of its own
    ShardState state = ShardState::kStarting;
    bool fresh = false;   ///< starts for the first time, in a collection that is being made
    bool coming = false;  ///< on its way from another node: nobody counts on it here yet
    Seq leaves = 0;       ///< the entry that put it elsewhere; 0: it lives here
    bool left = false;    ///< this node asks others for it by now: it is to end in a moment
    Error error;
    cluster::RestartPolicy policy;
  };
  struct creation {
    sure_promise<catalog_changed> promise;
    CollectionId collection;
  };

  /// The folder of a dropped collection, until a try finds nothing of it.
  struct removal {
    std::filesystem::path folder;
    std::chrono::milliseconds pause;  ///< before the next try
  };

  supervisor_config config;
  log_actor log;
  membership_actor membership;
  std::vector<route_listener> listeners;
  std::map<shard_key, child> children;
  std::map<caf::actor_addr, shard_key> by_address;
  std::vector<creation> creations;  ///< collections whose shards are starting for the first time
  /// Shards that live elsewhere now, until they have ended, and their files.
  std::map<caf::actor_addr, std::filesystem::path> leaving;
  std::map<CollectionId, removal> removals;
  TimePoint started;
  bool stopping = false;
  Faults faults;
  static inline const char* name = "supervisor";
};

supervisor_actor::behavior_type shard_supervisor(
    supervisor_actor::stateful_pointer<supervisor_state> self, supervisor_config config);

}  // namespace mosaic::actors
