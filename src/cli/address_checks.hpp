// What texts of settings that are addresses must be; the error says what is allowed.
#pragma once

#include <string_view>

#include "mosaic/result.hpp"

namespace mosaic::cli {

/// HOST:PORT, where port 0 stands for a free one.
Status check_listen(std::string_view text);
Status check_listen_if_any(std::string_view text);

/// Empty, or a host without a port.
Status check_host_if_any(std::string_view text);

/// Of a node that runs, as HOST:PORT or http://HOST:PORT.
Status check_node_address(std::string_view text);

}  // namespace mosaic::cli
