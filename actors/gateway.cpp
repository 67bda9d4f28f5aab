#include "actors/gateway.hpp"

namespace mosaic::actors {

caf::behavior gateway(caf::event_based_actor* self) {
  return {[self](const gateway_job_ptr& job) { job->run(self); }};
}

}  // namespace mosaic::actors
