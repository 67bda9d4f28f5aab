#include "actors/ranker.hpp"

#include "actors/exceptions.hpp"

namespace mosaic::actors {

ranker_actor::behavior_type ranker(ranker_actor::stateful_pointer<ranker_state> self) {
  die_with_reason(self);
  return {
      [=](rank_atom, rank_request& r) {
        return ranking{query::rank(r.plan, std::move(r.vector_arms), std::move(r.text_arms))};
      },
      [=](rank_atom, diversify_request& r) {
        return ranking{query::diversify(r.plan, std::move(r.pool), r.vectors)};
      },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
