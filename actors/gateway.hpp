// Gateway: the way from threads that know no actors into the actor system. Callers hand it a job;
// the job asks typed actors and calls back. It does nothing else, so it is never the bottleneck.
#pragma once

#include <functional>
#include <memory>

#include "actors/faults.hpp"
#include "actors/front.hpp"
#include "actors/pending_requests.hpp"

namespace mosaic::actors {

struct gateway_state {
  front_parts parts;
  pending_requests requests;
  Faults faults;
  static inline const char* name = "gateway";
};

using gateway_pointer = caf::stateful_actor<gateway_state>*;

struct gateway_job {
  std::function<void(gateway_pointer)> run;
};
using gateway_job_ptr = std::shared_ptr<gateway_job>;

caf::behavior gateway(gateway_pointer self);

}  // namespace mosaic::actors

// Holds a callback into this process: never leaves it.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::gateway_job_ptr)
