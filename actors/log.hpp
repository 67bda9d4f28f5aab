// Log: the bridge to the log's own thread. Appends for whoever writes, hands committed entries to
// the apply queue of their collection and its shards, and answers the writer when they are applied
// or his time is up. Only enqueues, but for reading old entries back for a shard that has to catch
// up.
#pragma once

#include <deque>
#include <limits>
#include <map>
#include <optional>

#include "actors/faults.hpp"
#include "actors/promise.hpp"
#include "actors/protocol.hpp"
#include "metrics/node_metrics.hpp"
#include "replication/apply_queue.hpp"
#include "replication/log_floor.hpp"

namespace mosaic::actors {

/// How often writers past their deadline are looked for, and the log is cut.
constexpr std::chrono::milliseconds kLogTick{100};

/// A shard that has not confirmed a group after so long holds up the others' writers no more: it is
/// away until it says how far it is. Far more than applying the largest group takes.
constexpr std::chrono::seconds kApplyPatience{3};

struct log_config {
  std::shared_ptr<replication::Log> log;
  std::uint64_t queue_bytes_max = 0;  ///< of one collection, waiting to be applied
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  std::uint64_t retained_bytes = std::uint64_t{64} << 20;  ///< past it, shards are asked to save
  std::uint64_t bytes_max = std::uint64_t{1} << 30;        ///< past it, writes are refused
};

struct log_state {
  using reply_promise = sure_promise<append_reply>;
  struct writer {
    reply_promise promise;
    append_request request;
    TimePoint since;                  ///< when it began to wait for what it waits for now
    TimePoint asked;                  ///< when a leader was asked last, or looked for
    replication::NodeId sent_to = 0;  ///< the leader that has taken it over; 0: none
    std::uint64_t sent_in = 0;        ///< the term that it led in: it may lead again, without it
    bool unknown = false;             ///< one that was lost may have stored it
    std::uint64_t deleted = 0;
    std::vector<ShardId> counted = {};  ///< shards whose deletions are in it
    bool unclear = false;  ///< some shard has applied it, and nobody knows what that deleted
    bool named = false;    ///< it has a RequestId
    Seq first = 0;         ///< shard::Deleted::first

    /// A repeat tells what the first did on every shard, so it waits for those that are late, until
    /// its deadline. Whether it is one, any level shard says.
    bool waits_for_all(const replication::ApplyQueue& queue) const {
      return named && !queue.level() && (first != 0 || queue.none_level());
    }
  };
  /// Writes with vectors wait, so that none is missing when those of another embedder take the
  /// place of all.
  struct hold {
    Seq generation = 0;
    Deadline until;
    replication::Ticket switching = 0;  ///< the entry that ends it is on its way
  };
  /// Who wants something appended: this node, whose writers are known by their tickets, or another.
  struct appender {
    replication::Ticket ticket = 0;
    replication::NodeId origin = 0;           ///< 0: this node
    sure_promise<leader_reply> taken_over{};  ///< of another node
  };
  struct held_write {
    append_request request;
    appender by;
  };
  /// A search that wants to see what was written up to a seq.
  struct waiting_reader {
    sure_promise<Seq> promise;  ///< of the cut that it may use
    reach_request request;
    std::optional<Seq> log_end = {};  ///< once the log has come so far
    std::optional<Seq> target = {};   ///< of the collection, once all up to there has been heard
  };
  /// Whoever has made a collection may use all of its shards at once.
  struct creation {
    CollectionId collection;
    append_reply reply;
    reply_promise promise;
    Deadline until;
  };
  struct collection {
    replication::ApplyQueue queue;
    std::map<ShardId, shard_actor> shards;
    std::map<ShardId, Deadline> awaited{};  ///< shards that work on a group
    std::map<ShardId, Deadline> late{};     ///< those of other nodes that all others wait for
    VectorOrigin origin = {};               ///< as the catalog last said
    std::optional<log_state::hold> hold = {};
    std::deque<held_write> held = {};
    std::size_t held_bytes = 0;
    std::vector<Seq> repeats = {};        ///< that wait for all shards
    std::vector<ShardId> elsewhere = {};  ///< shards that live on other nodes alone
    std::vector<ShardId> leaving = {};    ///< that others are to ask for no more
    std::vector<ShardId> behind = {};     ///< of this node, as listeners were told last
    bool spread = false;  ///< some node lacks some of its shards: others are told of those here
  };

  log_config config;
  supervisor_actor supervisor;
  membership_actor membership;
  replicas_actor replicas;
  std::vector<route_listener> listeners;
  std::map<CollectionId, collection> collections;
  std::map<replication::Ticket, writer> uncommitted;
  std::map<Seq, writer> unapplied;
  std::map<shard_key, Seq>
      far;  ///< how far other nodes are with shards, also of collections to come
  /// Up to where nobody has told what a shard there deleted.
  std::map<shard_key, Seq> unclear;
  Seq unclear_to = 0;  ///< the farthest of them
  struct early_deletion {
    ShardId shard;
    shard::Deleted deleted;
  };
  /// What they have deleted by entries that this node has not heard of yet.
  std::multimap<Seq, early_deletion> deleted_early;
  replication::LogFloor floor;
  Seq slowest_node = std::numeric_limits<Seq>::max();  ///< of those that are reached
  /// Some shard has not come further on any node; not known at first.
  std::optional<Seq> needed_by_shards = {};
  Seq floor_told = 0;  ///< to the supervisor, which notes it before the log forgets
  replication::Ticket next_ticket = 1;
  std::vector<waiting_reader> readers;
  std::vector<creation> creations;
  std::map<Seq, replication::Entry> unsettled;  ///< catalog entries without a verdict yet
  bool listening = false;
  bool introduced = false;  ///< all collections are known
  Seq heard = 0;  ///< entries up to here have been handed out, or were before this bridge began
  /// As far as the log had come when it began to tell, and the same from the next tick on: by the
  /// one after, all of it has been handed out.
  Seq told_from = 0;
  Seq told_by_tick = 0;
  Seq catalog_read = 0;  ///< catalog entries up to here were handed out when this bridge began
  Faults faults;
  static inline const char* name = "log";
};

log_actor::behavior_type log_bridge(log_actor::stateful_pointer<log_state> self, log_config config);

}  // namespace mosaic::actors
