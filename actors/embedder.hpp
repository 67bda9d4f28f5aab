// Embedder: asks endpoints for vectors, one batch at a time, and waits for them: it needs a thread
// of its own. Several stand behind an embedding cache.
#pragma once

#include "actors/faults.hpp"
#include "actors/protocol.hpp"
#include "text/openai_embedder.hpp"

namespace mosaic::actors {

struct embedder_state {
  std::optional<text::OpenAiEmbedder> endpoints;
  Faults faults;
  static inline const char* name = "embedder";
};

embedder_actor::behavior_type embedder(embedder_actor::stateful_pointer<embedder_state> self,
                                       text::OpenAiEmbedder::Options options);

}  // namespace mosaic::actors
