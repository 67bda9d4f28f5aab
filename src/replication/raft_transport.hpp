// How the nodes of a log reach each other: by TLS; by libraft's own TCP, with no encryption and no
// proof of who the other is; or not at all for a node on its own, which then opens no port. Nodes
// are known by their ids; where one is, is looked up at every connect.
#pragma once

#include <uv.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "replication/address_book.hpp"
#include "tls/tls_files.hpp"

extern "C" {
#include <raft.h>
#include <raft/uv.h>
}

namespace mosaic::replication {

class TlsTransport;

class RaftTransport {
 public:
  /// `listen` is HOST:PORT, empty for a node on its own; `addresses` may be null; without files
  /// there is no TLS. `loop` outlives this. Throws unavailable, and as TlsContext does.
  RaftTransport(uv_loop_t& loop, std::string listen, std::shared_ptr<const AddressBook> addresses,
                const tls::TlsFiles& files = {});
  /// To be destroyed once libraft has closed it.
  ~RaftTransport();
  RaftTransport(const RaftTransport&) = delete;
  RaftTransport& operator=(const RaftTransport&) = delete;

  raft_uv_transport* get() { return &hooked_.base; }
  /// Where libraft last knew a node, for one that is not in the book; empty: it did not.
  void heard_of(raft_id node, const std::string& address);
  /// Whether it was the listening that failed.
  bool cannot_listen() const { return cannot_listen_; }

 private:
  struct Connecting;
  /// libraft keeps the transport's `data` for itself.
  struct Hooked {
    raft_uv_transport base{};
    RaftTransport* owner = nullptr;
  };
  static RaftTransport& of(raft_uv_transport* transport) {
    return *reinterpret_cast<Hooked*>(transport)->owner;
  }

  void use_tcp(const std::string& at);
  void use_tls(const std::string& at, const tls::TlsFiles& files);
  void hook();
  std::string address_of(raft_id node) const;
  int connect(Connecting* connecting, const std::string& address);
  void looked_up(Connecting* connecting, int status, addrinfo* found);
  void close(raft_uv_transport_close_cb closed);

  uv_loop_t& loop_;
  const std::string listen_;
  const std::shared_ptr<const AddressBook> addresses_;
  Hooked hooked_;
  std::unique_ptr<TlsTransport> tls_;  ///< null: libraft's TCP
  raft_uv_transport inner_{};          ///< the methods of either, before they are hooked
  std::map<raft_id, std::string> heard_of_;
  std::set<Connecting*> looking_up_;
  bool cannot_listen_ = false;
  bool closing_ = false;
};

}  // namespace mosaic::replication
