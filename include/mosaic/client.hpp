// A connection to a node for other programs, over CAF. One Client serves all threads of a program;
// it connects by itself, and again when the connection is lost. Needs the library mosaic_client.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "mosaic/engine.hpp"

namespace mosaic {

/// Requests that one Client has under way at a time; past it they are refused as overloaded.
constexpr std::size_t kClientInFlightMax = 1'024;
/// Those of them that may wait for a connection.
constexpr std::size_t kClientWaitingMax = 256;

/// Every call ends within Options::request_timeout, by an answer of the node or by
///  - unavailable: there was no connection, or it broke. The detail of a write that had been sent
///    says that its outcome is unknown: it is not sent again.
///  - deadline_exceeded: the node did not answer in time.
///  - overloaded: too many requests are under way, here or in the node.
/// `done` is called exactly once, on a thread of the Client; it must neither wait for it nor end
/// it.
class Client {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;                             ///< that of the node's `caf.listen`
    std::chrono::milliseconds connect_timeout{2'000};   ///< of one try; another follows
    std::chrono::milliseconds request_timeout{10'000};  ///< with the time a connection takes
  };

  /// Returns at once and connects meanwhile.
  explicit Client(Options options);
  /// Requests under way end as unavailable. Takes at most a few seconds.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

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
