// How the nodes of a log reach each other under TLS: what libraft's own TCP does, but nobody gets
// to libraft, or takes its memory, without a certificate of the cluster's authority. Everything
// happens on the loop's thread.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "replication/tls_stream.hpp"
#include "tls/tls_context.hpp"

extern "C" {
#include <raft.h>
#include <raft/uv.h>
}

namespace mosaic::replication {

/// From the first packet until both sides have shown who they are.
constexpr std::uint64_t kTlsJoinMs = 5'000;
/// Connections of others that are not joined yet; past it, the oldest of them is closed.
constexpr std::size_t kTlsStrangersMax = 64;

class TlsTransport final : private TlsStreamOwner {
 public:
  using Connect = struct raft_uv_connect;

  /// Fills `transport` with its methods; it and `loop` outlive this. A connection that is not
  /// joined after `join_ms` is closed. Throws Failure when the files cannot be used (see
  /// TlsContext).
  TlsTransport(uv_loop_t& loop, const tls::TlsFiles& files, raft_uv_transport& transport,
               std::uint64_t join_ms = kTlsJoinMs);
  /// To be destroyed once libraft has closed it, or if it was never initialised.
  ~TlsTransport() override;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  /// Where it listens, IPv4 `ip:port`, when that is not the address which others are told. Before
  /// libraft starts.
  void bind_to(std::string address) { bound_to_ = std::move(address); }

  /// Connections that are not joined yet, both ways.
  std::size_t waiting() const;

 private:
  struct Peer;

  int init(raft_id id, const char* address);
  int listen(raft_uv_accept_cb accepted);
  int connect(Connect* request, const char* address, raft_uv_connect_cb connected);
  void close(raft_uv_transport_close_cb then);

  void accept(int status);
  void make_room();
  Peer* add(TlsStream::Side side);
  Peer& peer_of(const TlsStream& stream);
  void established(TlsStream& stream) override;
  void heard(TlsStream& stream, std::string& plain) override;
  void heard_introduction(TlsStream& stream, std::string& plain);
  void heard_welcome(TlsStream& stream, std::string& plain);
  void closed(TlsStream& stream, const std::optional<Error>& why) override;
  void warn(const Peer& peer, const Error& why);
  void finish_if_closed();
  int fail(int status, const std::string& why);
  static TlsTransport& of(const raft_uv_transport* transport) {
    return *static_cast<TlsTransport*>(transport->impl);
  }

  uv_loop_t& loop_;
  const tls::TlsContext context_;
  raft_uv_transport& transport_;
  const std::uint64_t join_ms_;
  std::vector<char> scratch_;
  raft_id id_ = 0;
  std::string address_;
  std::string bound_to_;
  uv_tcp_t listener_{};
  bool listener_is_open_ = false;
  raft_uv_accept_cb accepted_ = nullptr;
  raft_uv_transport_close_cb closed_ = nullptr;
  std::list<Peer> peers_;  ///< the oldest first
  std::optional<std::uint64_t> warned_ms_;
};

}  // namespace mosaic::replication
