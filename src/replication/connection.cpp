#include "replication/connection.hpp"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace mosaic::replication {

void set_up_connection(uv_tcp_t& connection) {
  // Small messages would wait 40 ms for the other side's acknowledgement.
  uv_tcp_nodelay(&connection, 1);
  uv_os_fd_t file = -1;
  if (uv_fileno(reinterpret_cast<uv_handle_t*>(&connection), &file) != 0) return;
  ::setsockopt(file, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnansweredMs, sizeof kUnansweredMs);
}

}  // namespace mosaic::replication
