// What every connection between the logs of two nodes is set to, under TLS or not.
#pragma once

#include <uv.h>

namespace mosaic::replication {

/// What is sent and not acknowledged for this long ends the connection, so that the next one can
/// look for the other node where it is now.
constexpr unsigned kUnansweredMs = 5'000;

/// Neither libraft nor libuv does any of it. Once it is connected, on the loop's thread.
void set_up_connection(uv_tcp_t& connection);

}  // namespace mosaic::replication
