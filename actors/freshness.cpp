#include "actors/freshness.hpp"

#include <algorithm>

namespace mosaic::actors {
namespace {

/// The log answers at the deadline itself, which leaves the search a fifth of its time.
constexpr std::chrono::milliseconds kReachGrace{50};

bool is_fresh_enough(const collection_route& route, const SearchRequest& request) {
  if (request.as_of) return true;
  if (request.consistency == Consistency::kStrong) return false;
  return request.consistency == Consistency::kEventual || request.min_seq <= route.cut;
}

}  // namespace

void when_fresh_enough(coordinator_actor::stateful_pointer<coordinator_state> self,
                       SearchRequest request, std::function<void(Result<SearchRequest>)> then) {
  const auto route = self->state.routes.find(request.collection);
  if (!route || is_fresh_enough(**route, request)) return then(std::move(request));
  // What is wrong with it is said at once.
  const auto& settings = (*route)->space_at((*route)->cut)->settings;
  if (const auto checked = validate(request, settings); !checked) return then(checked.error());
  if (request.timeout_ms == 0) request.timeout_ms = self->state.config.timeout_ms;
  const auto began = self->clock().now();
  const auto timeout = std::chrono::milliseconds(request.timeout_ms) * 4 / 5;
  const reach_request wanted{(*route)->id, request.min_seq,
                             request.consistency == Consistency::kStrong,
                             Deadline::in(began, timeout)};
  request_in_time<Seq>(
      self, self->state.parts->log, timeout + kReachGrace,
      [=](Seq&) mutable {
        const auto waited =
            std::chrono::duration_cast<std::chrono::milliseconds>(self->clock().now() - began);
        request.timeout_ms -= static_cast<std::uint32_t>(
            std::clamp<std::int64_t>(waited.count(), 0, request.timeout_ms - 1));
        then(std::move(request));
      },
      [=](caf::error& error) { then(from_caf(error)); }, reach_atom_v, wanted);
}

}  // namespace mosaic::actors
