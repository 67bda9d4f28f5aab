// Indexer: one beside each shard. Reads the shard's graph into memory at the start, and builds new
// ones as the shard wishes: on a thread of its own, one step at a time, in turn with the others of
// the node. The shard hears of each graph that is made and goes on with it. Ends with its shard,
// and tells its thread to stop then.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "actors/build_turns.hpp"
#include "actors/faults.hpp"
#include "actors/protocol.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::actors {

/// After a build that failed the next try waits so long, and twice as long after each further one.
constexpr std::chrono::seconds kBuildPauseMin{1};
constexpr std::chrono::seconds kBuildPauseMax{300};

using graph_ptr = std::shared_ptr<index::Graph>;

/// How a piece of work went.
struct index_outcome {
  enum class kind { kLoaded, kBuilt, kExtended, kStopped, kFailed };
  kind what = kind::kFailed;
  graph_ptr graph;          ///< that was made, or was there before
  std::size_t vectors = 0;  ///< that were put into it
  metrics::Seconds took{0};
  Error error;
};

/// How long work is done; tests do it at their own time, and without a disk.
struct index_work {
  std::function<graph_ptr(const shard::IndexTask&, const std::atomic<bool>& stop)> build;
  std::function<Status(index::Graph&, const std::atomic<bool>& stop)> load;
  /// Nothing: on a thread of its own.
  std::function<void(std::function<void()> work)> run;
};

/// That of a shard.
index_work index_work_of(const shard::IndexFile& file);

struct indexer_config {
  shard_key key;
  shard_actor shard;
  std::shared_ptr<shard::ViewShelf> views;
  shard::IndexFile file;
  build_limits limits;
  index_work work;
  metrics::ShardMeterPtr meter = std::make_shared<metrics::ShardMeter>();
};

struct indexer_state {
  ~indexer_state() {
    if (stop) *stop = true;
  }

  std::optional<shard::IndexWish> wish;  ///< what is still to be done, as the shard last said
  bool loading = false;  ///< the graph that was found at the start is still to be read
  bool busy = false;
  std::optional<shard::IndexWish> building;  ///< what the work under way follows, if it builds
  bool waiting = false;                      ///< for its turn
  bool pausing = false;
  std::chrono::seconds pause{0};  ///< after the last failure
  Faults faults;
  build_turns::turn turn;
  std::shared_ptr<std::atomic<bool>> stop;  ///< of the work under way
  std::jthread thread;                      ///< Last: it uses what is above.
  static inline const char* name = "indexer";
};

indexer_actor::behavior_type indexer(indexer_actor::stateful_pointer<indexer_state> self,
                                     indexer_config config);

}  // namespace mosaic::actors
