// CAF's network under mutual TLS: nobody gets to CAF, or takes its memory, without a certificate of
// the cluster's authority. It takes the place of CAF's own module for that, which spins for as long
// as somebody connects and says nothing, and reads the files again at every connection.
#pragma once

#include <caf/all.hpp>

#include "tls/tls_context.hpp"

namespace mosaic::actors {

/// Connections of others that have not shown a certificate yet, at one port; past it, the oldest of
/// them is closed.
constexpr std::size_t kStrangersMax = 64;

/// Told before the system is made, which has to load the middleman.
void add_tls_network(caf::actor_system_config& config, tls::TlsContext context);

/// Who publishes under TLS, as the middleman's own actor does without; null when the system has no
/// such network.
caf::actor tls_network_of(caf::actor_system& system);
/// What TLS goes by, as long as the system is; null likewise.
const tls::TlsContext* tls_context_of(caf::actor_system& system);

}  // namespace mosaic::actors
