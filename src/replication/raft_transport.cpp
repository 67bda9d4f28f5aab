#include "replication/raft_transport.hpp"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "replication/connection.hpp"
#include "replication/tls_transport.hpp"

namespace mosaic::replication {
namespace {

using Connect = struct raft_uv_connect;

int stay_alone(raft_uv_transport*, raft_id, const char*) {
  return 0;
}
int listen_nowhere(raft_uv_transport*, raft_uv_accept_cb) {
  return 0;
}
int reach_nobody(raft_uv_transport*, Connect*, raft_id, const char*, raft_uv_connect_cb) {
  return RAFT_NOCONNECTION;
}
void close_nothing(raft_uv_transport* transport, raft_uv_transport_close_cb closed) {
  closed(transport);
}

struct HostPort {
  std::string host;
  std::string port;
};

HostPort split(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return {};
  return {std::string(address.substr(0, colon)), std::string(address.substr(colon + 1))};
}

bool is_numeric(const std::string& host) {
  in_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

addrinfo ipv4() {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  return hints;
}

std::string as_text(const addrinfo& found) {
  const auto* address = reinterpret_cast<const sockaddr_in*>(found.ai_addr);
  std::array<char, INET_ADDRSTRLEN> host{};
  uv_ip4_name(address, host.data(), host.size());
  return fmt::format("{}:{}", host.data(), ntohs(address->sin_port));
}

/// Where to listen, as libraft wants it.
std::string resolved(const std::string& listen) {
  const auto [host, port] = split(listen);
  if (is_numeric(host)) return listen;
  const auto hints = ipv4();
  addrinfo* found = nullptr;
  if (const int status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); status != 0)
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("the log cannot listen at '{}': {}", listen, ::gai_strerror(status)));
  auto text = as_text(*found);
  ::freeaddrinfo(found);
  return text;
}

}  // namespace

struct RaftTransport::Connecting {
  Connect request{};
  RaftTransport* owner = nullptr;
  raft_id node = 0;
  Connect* wanted = nullptr;
  raft_uv_connect_cb then = nullptr;
  uv_getaddrinfo_t lookup{};

  void finish(uv_stream_t* stream, int status) {
    const auto request_of_libraft = wanted;
    const auto told = then;
    delete this;
    told(request_of_libraft, stream, status);
  }
};

RaftTransport::RaftTransport(uv_loop_t& loop, std::string listen,
                             std::shared_ptr<const AddressBook> addresses,
                             const tls::TlsFiles& files)
    : loop_(loop), listen_(std::move(listen)), addresses_(std::move(addresses)) {
  hooked_.owner = this;
  auto& base = hooked_.base;
  if (listen_.empty()) {
    base.init = stay_alone;
    base.listen = listen_nowhere;
    base.connect = reach_nobody;
    base.close = close_nothing;
    return;
  }
  const auto numeric = resolved(listen_);
  files.empty() ? use_tcp(numeric) : use_tls(numeric, files);
  hook();
}

void RaftTransport::use_tcp(const std::string& at) {
  auto& base = hooked_.base;
  if (raft_uv_tcp_init(&base, &loop_) != 0)
    throw Failure(ErrorCode::kUnavailable, "the log's network does not start");
  if (raft_uv_tcp_set_bind_address(&base, at.c_str()) != 0) {
    raft_uv_tcp_close(&base);
    throw Failure(ErrorCode::kUnavailable, fmt::format("the log cannot listen at '{}'", listen_));
  }
}

void RaftTransport::use_tls(const std::string& at, const tls::TlsFiles& files) {
  tls_ = std::make_unique<TlsTransport>(loop_, files, hooked_.base);
  tls_->bind_to(at);
}

void RaftTransport::hook() {
  auto& base = hooked_.base;
  inner_ = base;
  base.listen = [](raft_uv_transport* transport, raft_uv_accept_cb accepted) {
    auto& self = of(transport);
    const int status = self.inner_.listen(transport, accepted);
    self.cannot_listen_ = status != 0;
    return status;
  };
  base.connect = [](raft_uv_transport* transport, Connect* wanted, raft_id node, const char*,
                    raft_uv_connect_cb then) {
    auto& self = of(transport);
    auto* connecting = new Connecting{{}, &self, node, wanted, then, {}};
    connecting->request.data = connecting;
    const int status = self.connect(connecting, self.address_of(node));
    if (status != 0) delete connecting;
    return status;
  };
  base.close = [](raft_uv_transport* transport, raft_uv_transport_close_cb closed) {
    of(transport).close(closed);
  };
}

RaftTransport::~RaftTransport() {
  if (!listen_.empty() && !tls_) raft_uv_tcp_close(&hooked_.base);
}

void RaftTransport::heard_of(raft_id node, const std::string& address) {
  if (!address.empty()) heard_of_[node] = address;
}

std::string RaftTransport::address_of(raft_id node) const {
  if (addresses_) {
    if (auto known = addresses_->find(node)) return *std::move(known);
  }
  const auto heard = heard_of_.find(node);
  return heard == heard_of_.end() ? std::string() : heard->second;
}

int RaftTransport::connect(Connecting* connecting, const std::string& address) {
  const auto [host, port] = split(address);
  if (host.empty() || port.empty()) return RAFT_NOCONNECTION;
  if (is_numeric(host)) {
    return inner_.connect(&hooked_.base, &connecting->request, connecting->node, address.c_str(),
                          [](Connect* request, uv_stream_t* stream, int status) {
                            auto* done = static_cast<Connecting*>(request->data);
                            // Under TLS the stream is a pipe of ours.
                            if (status == 0 && !done->owner->tls_)
                              set_up_connection(reinterpret_cast<uv_tcp_t&>(*stream));
                            done->finish(stream, status);
                          });
  }
  connecting->lookup.data = connecting;
  const auto hints = ipv4();
  const int status = uv_getaddrinfo(
      &loop_, &connecting->lookup,
      [](uv_getaddrinfo_t* lookup, int result, addrinfo* found) {
        auto* waiting = static_cast<Connecting*>(lookup->data);
        waiting->owner->looked_up(waiting, result, found);
      },
      host.c_str(), port.c_str(), &hints);
  if (status != 0) return RAFT_NOCONNECTION;
  looking_up_.insert(connecting);
  return 0;
}

void RaftTransport::looked_up(Connecting* connecting, int status, addrinfo* found) {
  looking_up_.erase(connecting);
  const auto address = status == 0 ? as_text(*found) : std::string();
  uv_freeaddrinfo(found);
  // libraft's own is closed: it must not be called any more, and waits for our answer.
  if (closing_) return connecting->finish(nullptr, RAFT_CANCELED);
  if (status != 0) return connecting->finish(nullptr, RAFT_NOCONNECTION);
  const int failed = connect(connecting, address);
  if (failed != 0) connecting->finish(nullptr, failed);
}

/// A lookup that has begun cannot be called off: closing takes as long as the resolver does.
void RaftTransport::close(raft_uv_transport_close_cb closed) {
  closing_ = true;
  for (auto* connecting : looking_up_) uv_cancel(reinterpret_cast<uv_req_t*>(&connecting->lookup));
  inner_.close(&hooked_.base, closed);
}

}  // namespace mosaic::replication
