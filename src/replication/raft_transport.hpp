// How the nodes of a log reach each other: libraft's TCP, or nothing at all for a node on its own,
// which then opens no port. Addresses are IPv4 `ip:port`; there is no encryption and no proof of
// who the other is.
#pragma once

#include <uv.h>

extern "C" {
#include <raft.h>
#include <raft/uv.h>
}

namespace mosaic::replication {

class RaftTransport {
 public:
  /// `loop` outlives this. Throws unavailable.
  RaftTransport(uv_loop_t& loop, bool networked);
  /// To be destroyed once libraft has closed it.
  ~RaftTransport();
  RaftTransport(const RaftTransport&) = delete;
  RaftTransport& operator=(const RaftTransport&) = delete;

  raft_uv_transport* get() { return &transport_; }

 private:
  raft_uv_transport transport_{};
  const bool networked_;
};

}  // namespace mosaic::replication
