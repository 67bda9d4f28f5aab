// The engine port over actors: what HTTP talks to. Spreads requests over coordinators and ingest
// actors in turn.
#pragma once

#include <atomic>
#include <vector>

#include "actors/protocol.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::actors {

class EngineBridge final : public Engine {
 public:
  struct Parts {
    caf::actor gateway;
    std::vector<coordinator_actor> coordinators;
    std::vector<ingest_actor> ingest;
    supervisor_actor supervisor;
  };
  explicit EngineBridge(Parts parts) : parts_(std::move(parts)) {}

  void put_collection(CollectionSettings settings, Done<CollectionPut> done) override;
  void patch_collection(std::string name, CollectionPatch patch,
                        Done<CollectionInfo> done) override;
  void drop_collection(std::string name, Done<Seq> done) override;
  void get_collection(std::string name, Done<CollectionInfo> done) override;
  void list_collections(Done<std::vector<CollectionInfo>> done) override;
  void upsert(UpsertRequest request, Done<UpsertReply> done) override;
  void remove(DeleteRequest request, Done<DeleteReply> done) override;
  void get_document(GetRequest request, Done<StoredDocument> done) override;
  void list_documents(ListRequest request, Done<ListReply> done) override;
  void search(SearchRequest request, Done<SearchReply> done) override;
  void health(Done<Health> done) override;

 private:
  const coordinator_actor& coordinator();
  const ingest_actor& ingest();

  /// Asks `target` with `message` and calls `done` with what `convert` makes of the Reply, or with
  /// an Error.
  template <class Reply, class Value, class Target, class Convert, class... Message>
  void ask(const Target& target, std::chrono::milliseconds timeout, Done<Value> done,
           Convert convert, Message... message);

  Parts parts_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace mosaic::actors
