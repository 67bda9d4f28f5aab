#include "replication/tls_stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

#include <fmt/format.h>

#include "replication/connection.hpp"

extern "C" {
#include <raft.h>
}

namespace mosaic::replication {
namespace {

TlsStream& of(const void* handle) {
  return *static_cast<TlsStream*>(static_cast<const uv_handle_t*>(handle)->data);
}

Error hung_up(int status) {
  return {ErrorCode::kUnavailable, uv_strerror(status)};
}

/// libraft frees its streams in this way.
void free_handle(uv_handle_t* handle) {
  raft_free(handle);
}

/// Libuv's end of a socket, which it owns from now on. Null: there is no memory.
uv_stream_t* make_stream_for_libraft(uv_loop_t& loop, uv_file socket) {
  auto* pipe = static_cast<uv_pipe_t*>(raft_malloc(sizeof(uv_pipe_t)));
  if (pipe == nullptr) return nullptr;
  uv_pipe_init(&loop, pipe, 0);
  if (uv_pipe_open(pipe, socket) == 0) return reinterpret_cast<uv_stream_t*>(pipe);
  uv_close(reinterpret_cast<uv_handle_t*>(pipe), free_handle);
  return nullptr;
}

}  // namespace

/// libuv knows it by its address until it is done.
struct TlsStream::Write {
  uv_write_t request{};
  uv_stream_t* to = nullptr;
  std::string bytes;
};

TlsStream::TlsStream(uv_loop_t& loop, const tls::TlsContext& context, Side side,
                     std::span<char> scratch, TlsStreamOwner& owner)
    : session_(context, side), scratch_(scratch), owner_(owner), loop_(loop) {
  uv_tcp_init(&loop, &network_);
  uv_pipe_init(&loop, &local_, 0);
  uv_timer_init(&loop, &timer_);
  open_handles_ = 3;
  network_.data = local_.data = timer_.data = this;
}

void TlsStream::close_after(std::uint64_t ms) {
  uv_timer_start(
      &timer_,
      [](uv_timer_t* timer) {
        of(timer).close(Error{ErrorCode::kDeadlineExceeded, "it did not answer in time"});
      },
      ms, 0);
}

void TlsStream::accept(uv_stream_t* listener) {
  if (const int status = uv_accept(listener, network()); status != 0) return close(hung_up(status));
  begin();
}

void TlsStream::connect(const sockaddr_in& address) {
  const int status =
      uv_tcp_connect(&connecting_, &network_, reinterpret_cast<const sockaddr*>(&address),
                     [](uv_connect_t* request, int connected) {
                       auto& stream = of(request->handle);
                       if (stream.closing_) return;
                       if (connected != 0) return stream.close(hung_up(connected));
                       stream.begin();
                     });
  if (status != 0) close(hung_up(status));
}

void TlsStream::begin() {
  set_up_connection(network_);
  start_reading(network());
  // The side that connects speaks first.
  if (const auto status = session_.receive({}, plain_); !status) return close(status.error());
  flush();
}

void TlsStream::start_reading(uv_stream_t* from) {
  const auto lend = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    const auto scratch = of(handle).scratch_;
    *buffer = uv_buf_init(scratch.data(), static_cast<unsigned>(scratch.size()));
  };
  uv_read_start(from, lend, [](uv_stream_t* stream, ssize_t size, const uv_buf_t*) {
    auto& self = of(stream);
    if (size == 0) return;
    stream == self.network() ? self.read_network(size) : self.read_local(size);
  });
}

void TlsStream::read_network(ssize_t size) {
  if (size < 0) return network_ended();
  const auto heard = session_.receive({scratch_.data(), static_cast<std::size_t>(size)}, plain_);
  flush();
  if (!heard) return close(heard.error());
  if (closing_) return;
  if (!established_ && session_.established()) {
    established_ = true;
    owner_.established(*this);
  }
  if (closing_) return;
  if (!joined_ && !plain_.empty()) owner_.heard(*this, plain_);
  if (closing_) return;
  if (joined_) deliver();
  if (!closing_ && session_.ended()) network_ended();
}

/// What libraft has not read yet reaches it first.
void TlsStream::network_ended() {
  if (!joined_) return close(Error{ErrorCode::kUnavailable, "it hung up"});
  if (std::exchange(network_has_ended_, true)) return;
  uv_read_stop(network());
  const int status = uv_shutdown(&ending_, local(), [](uv_shutdown_t* request, int) {
    auto& stream = of(request->handle);
    if (!stream.closing_) stream.close();
  });
  if (status != 0) close();
}

void TlsStream::read_local(ssize_t size) {
  // libraft hung up; what it wrote before has been passed on.
  if (size < 0) return close();
  const auto sent = session_.send({scratch_.data(), static_cast<std::size_t>(size)});
  if (!sent) return close(sent.error());
  flush();
}

void TlsStream::deliver() {
  if (!plain_.empty()) write(local(), std::exchange(plain_, {}));
}

void TlsStream::flush() {
  auto bytes = session_.take_outgoing();
  if (!bytes.empty() && !closing_) write(network(), std::move(bytes));
}

void TlsStream::write(uv_stream_t* to, std::string bytes) {
  auto pending = std::make_unique<Write>(Write{{}, to, std::move(bytes)});
  pending->request.data = pending.get();
  const auto buffer =
      uv_buf_init(pending->bytes.data(), static_cast<unsigned>(pending->bytes.size()));
  const int status = uv_write(&pending->request, to, &buffer, 1, [](uv_write_t* done, int result) {
    const std::unique_ptr<Write> write(static_cast<Write*>(done->data));
    of(write->to).wrote(*write, result);
  });
  if (status != 0) return close(hung_up(status));
  static_cast<void>(pending.release());
  if (uv_stream_get_write_queue_size(to) > kTlsWaitingBytesMax)
    uv_read_stop(to == network() ? local() : network());
}

void TlsStream::wrote(const Write& write, int status) {
  if (closing_) return;
  if (status != 0) return close(hung_up(status));
  if (!joined_ || uv_stream_get_write_queue_size(write.to) > kTlsWaitingBytesMax / 2) return;
  auto* const other = write.to == network() ? local() : network();
  // Of no effect when it is being read from.
  if (other == local() || !network_has_ended_) start_reading(other);
}

void TlsStream::say(std::string_view plain) {
  if (const auto sent = session_.send(plain); !sent) return close(sent.error());
  flush();
}

uv_stream_t* TlsStream::join() {
  std::array<uv_os_sock_t, 2> ends{};
  const int status = uv_socketpair(SOCK_STREAM, 0, ends.data(), UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE);
  if (status != 0) {
    close(hung_up(status));
    return nullptr;
  }
  auto* const theirs = make_stream_for_libraft(loop_, ends[1]);
  if (theirs == nullptr || uv_pipe_open(&local_, ends[0]) != 0) {
    ::close(ends[0]);
    if (theirs == nullptr) {
      ::close(ends[1]);
    } else {
      uv_close(reinterpret_cast<uv_handle_t*>(theirs), free_handle);
    }
    close(Error{ErrorCode::kUnavailable, "there is no room for a connection"});
    return nullptr;
  }
  uv_timer_stop(&timer_);
  joined_ = true;
  start_reading(local());
  return theirs;
}

void TlsStream::close(std::optional<Error> why) {
  if (std::exchange(closing_, true)) return;
  why_ = std::move(why);
  // What is told to the other side at the end, if there is room for it.
  session_.close();
  auto farewell = session_.take_outgoing();
  const auto buffer = uv_buf_init(farewell.data(), static_cast<unsigned>(farewell.size()));
  if (!farewell.empty()) uv_try_write(network(), &buffer, 1);
  const auto closed = [](uv_handle_t* handle) { of(handle).handle_closed(); };
  uv_close(reinterpret_cast<uv_handle_t*>(&network_), closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&local_), closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), closed);
}

void TlsStream::handle_closed() {
  if (--open_handles_ == 0) owner_.closed(*this, why_);
}

std::string TlsStream::peer() const {
  sockaddr_in address{};
  int size = sizeof address;
  std::array<char, INET_ADDRSTRLEN> host{};
  if (uv_tcp_getpeername(&network_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      address.sin_family != AF_INET || uv_ip4_name(&address, host.data(), host.size()) != 0) {
    return "";
  }
  return fmt::format("{}:{}", host.data(), ntohs(address.sin_port));
}

}  // namespace mosaic::replication
