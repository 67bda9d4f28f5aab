#include "text/cached_endpoint.hpp"

namespace mosaic::text {

CachedEndpoint::Vectors CachedEndpoint::embed(const EmbeddingRequest& request) {
  if (!cache_ || request.dimension == 0) return ask_(request);
  return embed_missing(
      request, cache_->get(request.embedder, request.dimension, request.texts, request.deadline));
}

CachedEndpoint::Vectors CachedEndpoint::embed_missing(const EmbeddingRequest& request,
                                                      std::vector<std::optional<Vector>> found) {
  EmbeddingRequest missing{request.embedder, request.dimension, {}, request.deadline};
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) missing.texts.push_back(request.texts[i]);
  }
  std::vector<Vector> made;
  if (!missing.texts.empty()) {
    auto asked = ask_(missing);
    if (!asked) return asked;
    made = std::move(*asked);
    cache_->put(missing.embedder, missing.dimension, missing.texts, made, missing.deadline);
  }
  std::vector<Vector> vectors;
  vectors.reserve(found.size());
  auto next = made.begin();
  for (auto& each : found) vectors.push_back(each ? std::move(*each) : std::move(*next++));
  return vectors;
}

}  // namespace mosaic::text
