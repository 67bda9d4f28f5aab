// Connects to a port of a host within a time, the lookup of the host's name included: the operating
// system alone tries for minutes where nothing answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/descriptor.hpp"
#include "mosaic/result.hpp"

namespace mosaic::net {

/// A connected socket, which does not block. `host` is a name or a numeric address (an IPv6 one
/// without brackets); no proxy stands between. Blocks for up to `patience`. Error: unavailable.
Result<Descriptor> connect_tcp(const std::string& host, std::uint16_t port,
                               std::chrono::milliseconds patience);

}  // namespace mosaic::net
