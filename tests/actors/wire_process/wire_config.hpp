// The system of each side of the wire.
#pragma once

#include "actors/network.hpp"
#include "actors/protocol.hpp"

namespace mosaic::actors {

struct wire_config : caf::actor_system_config {
  wire_config() {
    add_protocol(*this);
    add_network(*this);
    set("scheduler.max-threads", std::size_t{2});
  }
};

}  // namespace mosaic::actors
