// A TCP port that nobody listens at, nor will soon but who asked for it.
#pragma once

#include <cstdint>
#include <string>

#include "mosaic/result.hpp"

namespace mosaic {

/// At `host`, an IPv4 address or a name of this machine. For about a minute (TIME-WAIT) the system
/// gives it to nobody; who listens there needs SO_REUSEADDR. Error unavailable.
Result<std::uint16_t> free_port(const std::string& host);

}  // namespace mosaic
