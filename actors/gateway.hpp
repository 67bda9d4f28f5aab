// Gateway: the way from threads that know no actors into the actor system. Callers hand it a job;
// the job asks typed actors and calls back. It does nothing else, so it is never the bottleneck.
#pragma once

#include <functional>
#include <memory>

#include "actors/protocol.hpp"

namespace mosaic::actors {

struct gateway_job {
  std::function<void(caf::event_based_actor*)> run;
};
using gateway_job_ptr = std::shared_ptr<gateway_job>;

caf::behavior gateway(caf::event_based_actor* self);

}  // namespace mosaic::actors

// Holds a callback into this process: never leaves it.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::gateway_job_ptr)
