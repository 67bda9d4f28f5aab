// Embedder: asks endpoints for vectors, one batch at a time, and waits for them: it needs a thread
// of its own. Several stand behind an embedding cache. What nodes share is asked first, if there is
// such a store.
#pragma once

#include "actors/faults.hpp"
#include "actors/protocol.hpp"
#include "metrics/node_metrics.hpp"
#include "net/shared_store.hpp"
#include "text/cached_endpoint.hpp"
#include "text/openai_embedder.hpp"

namespace mosaic::actors {

struct embedder_config {
  text::OpenAiEmbedder::Options endpoint;
  /// Opens the store in which nodes share vectors; null: there is none.
  std::function<std::unique_ptr<net::SharedStore>()> open_store;
  text::SharedVectorCache::Options shared;
  /// Of the store; one for all embedders, those to come included.
  std::shared_ptr<text::CircuitBreaker> breaker = std::make_shared<text::CircuitBreaker>();
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
};

struct embedder_state {
  std::optional<text::OpenAiEmbedder> endpoints;
  std::optional<text::CachedEndpoint> cached;
  metrics::NodeMetricsPtr metrics;
  Faults faults;
  static inline const char* name = "embedder";
};

embedder_actor::behavior_type embedder(embedder_actor::stateful_pointer<embedder_state> self,
                                       embedder_config config);

}  // namespace mosaic::actors
