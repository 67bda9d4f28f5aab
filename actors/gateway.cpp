#include "actors/gateway.hpp"

#include "actors/exceptions.hpp"

namespace mosaic::actors {

caf::behavior gateway(gateway_pointer self) {
  die_with_reason(self);
  return {
      [=](const gateway_job_ptr& job) { job->run(self); },
      [=](tick_atom) { give_up_late(self); },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts.known = parts; },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
