#include "actors/embedder.hpp"

#include "actors/exceptions.hpp"

namespace mosaic::actors {
namespace {

caf::result<embed_reply> embed(text::OpenAiEmbedder& endpoints, const embed_request& request) {
  auto vectors = endpoints.embed(text::parse_endpoint(request.embedder), request.dimension,
                                 request.texts, request.deadline);
  if (!vectors) return to_caf(vectors.error());
  return embed_reply{std::move(*vectors)};
}

}  // namespace

embedder_actor::behavior_type embedder(embedder_actor::stateful_pointer<embedder_state> self,
                                       text::OpenAiEmbedder::Options options) {
  die_with_reason(self);
  self->state.endpoints.emplace(std::move(options));
  return {
      [=](embed_atom, const embed_request& request) -> caf::result<embed_reply> {
        if (self->state.faults.swallow()) return self->make_response_promise<embed_reply>();
        return embed(*self->state.endpoints, request);
      },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
