#include "actors/embedder.hpp"

#include "actors/exceptions.hpp"

namespace mosaic::actors {
namespace {

text::CachedEndpoint::Vectors ask(embedder_state& state, const text::EmbeddingRequest& request) {
  const metrics::Stopwatch watch;
  auto vectors = state.endpoints->embed(text::parse_endpoint(request.embedder), request.dimension,
                                        request.texts, request.deadline);
  state.metrics->embedding.asked(vectors.ok(), watch.passed());
  return vectors;
}

std::optional<text::SharedVectorCache> shared_cache(const embedder_config& config) {
  if (!config.open_store) return std::nullopt;
  return text::SharedVectorCache(config.open_store(), config.breaker, config.shared);
}

void count(metrics::CacheMetrics& caches, const text::SharedLookups& lookups) {
  constexpr auto kShared = metrics::Cache::kSharedEmbedding;
  caches.hit(kShared, lookups.hits);
  caches.miss(kShared, lookups.misses);
  caches.failed(kShared, lookups.errors);
}

caf::result<embed_reply> embed(embedder_state& state, embed_request& request) {
  auto vectors = state.cached->embed(
      {std::move(request.embedder), request.dimension, std::move(request.texts), request.deadline});
  count(state.metrics->caches, state.cached->take_lookups());
  if (!vectors) return to_caf(vectors.error());
  return embed_reply{std::move(*vectors)};
}

}  // namespace

embedder_actor::behavior_type embedder(embedder_actor::stateful_pointer<embedder_state> self,
                                       embedder_config config) {
  die_with_reason(self);
  auto& state = self->state;
  state.metrics = config.metrics;
  state.endpoints.emplace(config.endpoint);
  state.cached.emplace(shared_cache(config), [&state](const text::EmbeddingRequest& request) {
    return ask(state, request);
  });
  return {
      [=](embed_atom, embed_request& request) -> caf::result<embed_reply> {
        if (self->state.faults.swallow()) return self->make_response_promise<embed_reply>();
        return embed(self->state, request);
      },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
