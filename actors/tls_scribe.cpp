#include "actors/tls_scribe.hpp"

#include <algorithm>

namespace mosaic::actors {
namespace {

namespace net = caf::io::network;
using Turn = tls::TlsSocket::Turn;

/// A stream that writes lets others have their turn after so much.
constexpr std::size_t kTurnBytes = 256 << 10;

/// Success with nothing read or written is CAF's word for waiting.
net::rw_state state_after(Turn turn) {
  return turn == Turn::kFailed ? net::rw_state::failure : net::rw_state::success;
}

}  // namespace

net::rw_state tls_policy::read_some(std::size_t& count, net::native_socket, void* buffer,
                                    std::size_t size) {
  count = 0;
  if (size == 0) return net::rw_state::indeterminate;
  return state_after(session_->read({static_cast<char*>(buffer), size}, count));
}

net::rw_state tls_policy::write_some(std::size_t& count, net::native_socket, const void* buffer,
                                     std::size_t size) {
  count = 0;
  if (size == 0) return net::rw_state::indeterminate;
  // Of the same bytes when it is repeated, as it must be: nothing is added to what CAF writes.
  const auto part = std::min(size, kTurnBytes);
  const auto turn = session_->write({static_cast<const char*>(buffer), part});
  if (turn == Turn::kDone) count = part;
  return state_after(turn);
}

void tls_scribe::configure_read(caf::io::receive_policy::config config) {
  stream_.configure_read(config);
  if (!std::exchange(reads_, true)) stream_.start(this);
}

void tls_scribe::graceful_shutdown() {
  stream_.graceful_shutdown();
  detach(&stream_.backend(), false);
}

std::string tls_scribe::addr() const {
  const auto known = net::remote_addr_of_fd(stream_.fd());
  return known ? *known : std::string();
}

std::uint16_t tls_scribe::port() const {
  const auto known = net::remote_port_of_fd(stream_.fd());
  return known ? *known : std::uint16_t{0};
}

}  // namespace mosaic::actors
