// How a collection names an embedding endpoint: `openai:URL#MODEL`, as mosaic/collection.hpp checks
// it. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "mosaic/collection.hpp"

namespace mosaic::text {

/// What a name without a model stands for: OpenAI's smallest of the current generation.
constexpr std::string_view kDefaultModel = "text-embedding-3-small";

struct Endpoint {
  std::string url;  ///< that requests go to, as in https://host/v1/embeddings
  std::string model;
};

/// Whether vectors come from outside the process: they are asked for by messages, not made inline.
constexpr bool is_endpoint(std::string_view embedder) {
  return embedder.starts_with(kEndpointPrefix);
}

/// The endpoint that a valid `embedder` names. The URL may end in /embeddings, be the base in front
/// of it, or only a host, which stands for /v1/embeddings there; a query (?...) is kept behind it.
Endpoint parse_endpoint(std::string_view embedder);

}  // namespace mosaic::text
