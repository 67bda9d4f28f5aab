// Embedding cache: whom everybody asks for the vectors of texts. Remembers what it was told, asks
// for each text once, and hands batches to the embedders behind it, which it starts, watches and
// starts again. The bookkeeping is text/embedding_queue.
#pragma once

#include <functional>

#include "actors/faults.hpp"
#include "actors/promise.hpp"
#include "actors/protocol.hpp"
#include "cluster/restart_policy.hpp"
#include "metrics/node_metrics.hpp"
#include "text/embedding_queue.hpp"

namespace mosaic::actors {

/// It also wakes itself for deadlines, and to start the embedder of that number again.
using embedding_cache_actor =
    embedder_actor::extend<reacts_to<tick_atom>, reacts_to<restart_atom, std::uint64_t>>;

struct embedding_cache_config {
  text::EmbeddingQueue::Limits limits;
  std::size_t embedders = 4;  ///< batches under way at a time
  std::function<embedder_actor(caf::scheduled_actor* self)> start_embedder;
  cluster::RestartLimits restarts;
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
};

struct embedding_cache_state {
  struct worker {
    embedder_actor actor;  ///< null while it is down
    cluster::RestartPolicy policy;
    std::optional<std::uint64_t> batch;  ///< that it works on
  };

  embedding_cache_config config;
  std::optional<text::EmbeddingQueue> queue;
  std::vector<worker> workers;
  std::map<caf::actor_addr, std::size_t> started;  ///< embedders whose end is not known, by number
  std::uint64_t requests = 0;
  std::map<std::uint64_t, sure_promise<embed_reply>> promises;
  bool ticking = false;
  Faults faults;
  static inline const char* name = "embedding_cache";
};

embedding_cache_actor::behavior_type embedding_cache(
    embedding_cache_actor::stateful_pointer<embedding_cache_state> self,
    embedding_cache_config config);

}  // namespace mosaic::actors
