#include "actors/engine_bridge.hpp"

#include "actors/gateway.hpp"

namespace mosaic::actors {
namespace {

// The parts that are asked keep deadlines of their own; these only guard against one that never
// answers.
constexpr std::chrono::seconds kReadGuard{30};
constexpr std::chrono::seconds kWriteGuard{60};
constexpr std::chrono::seconds kCatalogGuard{90};

/// Calls `done` once, at the latest when the last holder lets go: also when the actors end without
/// an answer.
template <class T>
class OnceDone {
 public:
  explicit OnceDone(Done<T> done) : done_(std::move(done)) {}
  OnceDone(const OnceDone&) = delete;
  ~OnceDone() { call(Error{ErrorCode::kUnavailable, "the node is stopping"}); }

  void call(Result<T> result) {
    if (auto done = std::exchange(done_, nullptr)) done(std::move(result));
  }

 private:
  Done<T> done_;
};

/// The identity, for replies that are the value.
constexpr auto kAsIs = [](auto& reply) { return std::move(reply); };

}  // namespace

const coordinator_actor& EngineBridge::coordinator() {
  return parts_.coordinators[turn_++ % parts_.coordinators.size()];
}
const ingest_actor& EngineBridge::ingest() {
  return parts_.ingest[turn_++ % parts_.ingest.size()];
}

template <class Reply, class Value, class Target, class Convert, class... Message>
void EngineBridge::ask(const Target& target, std::chrono::milliseconds timeout, Done<Value> done,
                       Convert convert, Message... message) {
  auto once = std::make_shared<OnceDone<Value>>(std::move(done));
  auto job = std::make_shared<gateway_job>();
  job->run = [=](caf::event_based_actor* self) mutable {
    self->request(target, timeout, std::move(message)...)
        .then([=](Reply& reply) mutable { once->call(convert(reply)); },
              [=](caf::error& error) mutable { once->call(from_caf(error)); });
  };
  caf::anon_send(parts_.gateway, std::move(job));
}

void EngineBridge::put_collection(CollectionSettings settings, Done<CollectionPut> done) {
  ask<CollectionPut>(ingest(), kCatalogGuard, std::move(done), kAsIs, create_atom_v,
                     std::move(settings));
}

void EngineBridge::patch_collection(std::string name, CollectionPatch patch,
                                    Done<CollectionInfo> done) {
  ask<CollectionInfo>(ingest(), kCatalogGuard, std::move(done), kAsIs, patch_atom_v,
                      patch_request{std::move(name), std::move(patch)});
}

void EngineBridge::drop_collection(std::string name, Done<Seq> done) {
  ask<append_reply>(
      ingest(), kCatalogGuard, std::move(done), [](append_reply& reply) { return reply.seq; },
      drop_atom_v, std::move(name));
}

void EngineBridge::get_collection(std::string name, Done<CollectionInfo> done) {
  ask<CollectionInfo>(coordinator(), kReadGuard, std::move(done), kAsIs, info_atom_v,
                      std::move(name));
}

void EngineBridge::list_collections(Done<std::vector<CollectionInfo>> done) {
  ask<collections_reply>(
      coordinator(), kReadGuard, std::move(done),
      [](collections_reply& reply) { return std::move(reply.collections); }, info_atom_v);
}

void EngineBridge::upsert(UpsertRequest request, Done<UpsertReply> done) {
  ask<UpsertReply>(ingest(), kWriteGuard, std::move(done), kAsIs, upsert_atom_v,
                   std::move(request));
}

void EngineBridge::remove(DeleteRequest request, Done<DeleteReply> done) {
  ask<DeleteReply>(ingest(), kWriteGuard, std::move(done), kAsIs, remove_atom_v,
                   std::move(request));
}

void EngineBridge::get_document(GetRequest request, Done<StoredDocument> done) {
  ask<StoredDocument>(coordinator(), kReadGuard, std::move(done), kAsIs, read_atom_v,
                      std::move(request));
}

void EngineBridge::list_documents(ListRequest request, Done<ListReply> done) {
  ask<ListReply>(coordinator(), kReadGuard, std::move(done), kAsIs, list_atom_v,
                 std::move(request));
}

void EngineBridge::search(SearchRequest request, Done<SearchReply> done) {
  const auto guard = kReadGuard + std::chrono::milliseconds(request.timeout_ms);
  ask<SearchReply>(coordinator(), guard, std::move(done), kAsIs, search_atom_v, std::move(request));
}

void EngineBridge::health(Done<Health> done) {
  ask<Health>(parts_.supervisor, kReadGuard, std::move(done), kAsIs, health_atom_v);
}

}  // namespace mosaic::actors
