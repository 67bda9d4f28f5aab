#include "replication/raft_transport.hpp"

#include "base/failure.hpp"

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

/// libraft's own way to connect; the same for every transport of TCP.
decltype(raft_uv_transport::connect) connect_by_tcp = nullptr;

struct Connecting {
  Connect request{};
  Connect* wanted = nullptr;
  raft_uv_connect_cb then = nullptr;
};

void connected(Connect* request, uv_stream_t* stream, int status) {
  const auto* connecting = static_cast<Connecting*>(request->data);
  const auto wanted = connecting->wanted;
  const auto then = connecting->then;
  delete connecting;
  if (status == 0) uv_tcp_nodelay(reinterpret_cast<uv_tcp_t*>(stream), 1);
  then(wanted, stream, status);
}

/// libraft never sets TCP_NODELAY: small messages would wait 40 ms for the other side's
/// acknowledgement.
int connect_without_delay(raft_uv_transport* transport, Connect* wanted, raft_id id,
                          const char* address, raft_uv_connect_cb then) {
  auto* connecting = new Connecting{{}, wanted, then};
  connecting->request.data = connecting;
  const int status = connect_by_tcp(transport, &connecting->request, id, address, connected);
  if (status != 0) delete connecting;
  return status;
}

}  // namespace

RaftTransport::RaftTransport(uv_loop_t& loop, bool networked) : networked_(networked) {
  if (!networked) {
    transport_.init = stay_alone;
    transport_.listen = listen_nowhere;
    transport_.connect = reach_nobody;
    transport_.close = close_nothing;
    return;
  }
  if (raft_uv_tcp_init(&transport_, &loop) != 0)
    throw Failure(ErrorCode::kUnavailable, "the log's network does not start");
  connect_by_tcp = transport_.connect;
  transport_.connect = connect_without_delay;
}

RaftTransport::~RaftTransport() {
  if (networked_) raft_uv_tcp_close(&transport_);
}

}  // namespace mosaic::replication
