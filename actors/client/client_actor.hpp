// Client actor: the one long-lived actor of a program that talks to the nodes of a cluster.
// Connects without waiting, watches the engine of each node it has a connection to, keeps what is
// under way, and sends it to the next node when one is lost: CAF itself would let every request
// wait for its timeout.
#pragma once

#include <atomic>

#include "actors/client/client_link.hpp"

namespace mosaic::actors {

/// Before a write that all nodes refused is asked again.
constexpr std::chrono::milliseconds kClientRoundPause{200};

/// The place of the node that requests go to, or kNoLink; read by all threads.
using client_place = std::shared_ptr<std::atomic<std::size_t>>;
constexpr std::size_t kNoLink = std::numeric_limits<std::size_t>::max();

struct client_state {
  std::chrono::milliseconds connect_timeout{};
  std::vector<client_link> links;
  std::size_t current = 0;  ///< the link that new requests go to
  client_place shown;
  std::uint64_t last_stay = 0;
  client_requests resting;  ///< before they go round again
  static inline const char* name = "client";
};

using client_pointer = caf::stateful_actor<client_state>*;

caf::behavior client(client_pointer self, const Client::Options& options,
                     const client_place& shown);

}  // namespace mosaic::actors
