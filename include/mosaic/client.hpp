// A connection to the nodes of a cluster for other programs, over CAF. One Client serves all
// threads of a program; it connects to one node by itself, and to the next when that is lost. Needs
// the library mosaic_client.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mosaic/engine.hpp"

namespace mosaic {

/// Requests that one Client has under way at a time; past it they are refused as overloaded.
constexpr std::size_t kClientInFlightMax = 1'024;
/// Those of them that may wait for a first connection; what was under way when one broke waits for
/// the next besides.
constexpr std::size_t kClientWaitingMax = 256;

/// Requests go to the first node that can be reached. When it is lost they go to the next in the
/// order given, after the last to the first again, at once; only a node that failed within the last
/// 30 s is left alone for a while, from 50 ms to 1 s. What was under way is sent again: every write
/// has a name of its own (RequestId), so a node that finds it done answers and does not do it
/// again.
///
/// A node that answers is kept, whatever it answers. A request that is answered `unavailable` is
/// asked of each other node once, since a node that stops, starts or cannot reach the leader may
/// have neighbours that can. When all are unavailable a search or read fails at once: it is for the
/// caller to say whether it is worth asking again. A write, which may be stored in spite of the
/// answer, goes round again until its time is over.
///
/// Every call ends within Options::request_timeout, by an answer of a node or by
///  - unavailable: no node could be reached, or all said so.
///  - deadline_exceeded: the node did not answer in time.
///  - overloaded: too many requests are under way, here or in the node.
/// The detail of a write that a node may have got says when its outcome is not known.
/// `done` is called exactly once, on a thread of the Client; it must neither wait for it nor end
/// it.
class Client {
 public:
  struct Node {
    std::string host;        ///< an address or a name
    std::uint16_t port = 0;  ///< that of the node's `caf.listen`
    friend bool operator==(const Node&, const Node&) = default;
  };

  struct Options {
    std::vector<Node> nodes;  ///< of one cluster, in the order in which they are tried
    std::chrono::milliseconds connect_timeout{2'000};  ///< for one node; the next follows
    /// For all that a request takes: connecting, and being sent again.
    std::chrono::milliseconds request_timeout{10'000};
  };

  /// Returns at once and connects meanwhile. Without nodes every request is an invalid_argument.
  explicit Client(Options options);
  /// Requests under way end as unavailable. Takes at most a few seconds.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The node that new requests go to; none while there is no connection to it.
  std::optional<Node> node() const;

  Result<SearchReply> search(SearchRequest request);
  Result<StoredDocument> get_document(GetRequest request);
  Result<UpsertReply> upsert(UpsertRequest request);
  Result<DeleteReply> remove(DeleteRequest request);
  Result<CollectionPut> put_collection(CollectionSettings settings);
  Result<CollectionInfo> get_collection(std::string name);
  Result<Health> health();

  void search(SearchRequest request, Done<SearchReply> done);
  void get_document(GetRequest request, Done<StoredDocument> done);
  void upsert(UpsertRequest request, Done<UpsertReply> done);
  void remove(DeleteRequest request, Done<DeleteReply> done);
  void put_collection(CollectionSettings settings, Done<CollectionPut> done);
  void get_collection(std::string name, Done<CollectionInfo> done);
  void health(Done<Health> done);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace mosaic
