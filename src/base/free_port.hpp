// A TCP port that nobody listens at now.
#pragma once

#include <cstdint>
#include <string>

#include "mosaic/result.hpp"

namespace mosaic {

/// At `host`, an IPv4 address or a name of this machine. Error unavailable.
Result<std::uint16_t> free_port(const std::string& host);

}  // namespace mosaic
