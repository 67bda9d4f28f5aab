// An embedding endpoint behind a shared cache: only what the cache does not have is asked for, and
// put there for others. Belongs to one thread.
#pragma once

#include <functional>
#include <optional>

#include "text/embedding_queue.hpp"
#include "text/shared_vector_cache.hpp"

namespace mosaic::text {

class CachedEndpoint {
 public:
  using Vectors = Result<std::vector<Vector>>;
  /// One vector for each text of the request, of its dimension, by its deadline.
  using Ask = std::function<Vectors(const EmbeddingRequest&)>;

  /// Without a cache everything is asked for.
  CachedEndpoint(std::optional<SharedVectorCache> cache, Ask ask)
      : cache_(std::move(cache)), ask_(std::move(ask)) {}

  /// One vector for each text, in their order. Fails as the endpoint does, and only if it had to be
  /// asked. Dimension 0 asks what the endpoint gives now, so the cache has no say.
  Vectors embed(const EmbeddingRequest& request);

  SharedLookups take_lookups() { return cache_ ? cache_->take_lookups() : SharedLookups{}; }

 private:
  Vectors embed_missing(const EmbeddingRequest& request, std::vector<std::optional<Vector>> found);

  std::optional<SharedVectorCache> cache_;
  Ask ask_;
};

}  // namespace mosaic::text
