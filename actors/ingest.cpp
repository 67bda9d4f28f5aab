#include "actors/ingest.hpp"

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "actors/fan_out.hpp"
#include "shard/prepare_write.hpp"

namespace mosaic::actors {
namespace {

using ingest_pointer = ingest_actor::stateful_pointer<ingest_state>;

/// Making or dropping a collection touches many files.
constexpr std::chrono::seconds kCatalogTimeout{60};

struct append_context {
  ingest_pointer self;
  log_actor log;
  std::chrono::milliseconds timeout;
};

/// Appends and hands the reply to `then`; errors go to `promise`.
template <class Promise, class Then>
void append(const append_context& context, CollectionId collection, EntryKind kind,
            std::string bytes, std::vector<ShardId> touches, Promise promise, Then then) {
  const auto deadline = Deadline::in(std::chrono::steady_clock::now(), context.timeout);
  append_request request{collection, kind, std::make_shared<const std::string>(std::move(bytes)),
                         std::move(touches), deadline};
  // The log answers at the deadline itself; it looks at the clock now and then.
  context.self
      ->request(context.log, context.timeout + std::chrono::seconds(2), append_atom_v,
                std::move(request))
      .then([=](append_reply& reply) mutable { then(reply); },
            [=](caf::error& error) mutable { promise.deliver(to_caf(from_caf(error))); });
}

template <class Promise, class Then>
void append_batch(const append_context& context, const collection_route& route,
                  const WriteBatch& batch, Promise promise, Then then) {
  auto bytes = shard::encode_checked(batch);
  if (!bytes) return refuse(promise, bytes.error());
  append(context, route.id, EntryKind::kWrite, std::move(*bytes),
         shard::touched_shards(batch, route.settings.shards), promise, then);
}

caf::result<UpsertReply> upsert(const append_context& context, UpsertRequest& request) {
  auto route = context.self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  auto batch = shard::prepare_upsert(std::move(request.documents), (*route)->settings,
                                     (*route)->embedder.get());
  if (!batch) return to_caf(batch.error());
  const auto count = batch->documents.size();
  auto promise = context.self->make_response_promise<UpsertReply>();
  append_batch(context, **route, *batch, promise, [=](const append_reply& reply) mutable {
    promise.deliver(UpsertReply{count, reply.seq, reply.applied});
  });
  return promise;
}

using delete_promise = caf::typed_response_promise<DeleteReply>;

void append_deletions(const append_context& context, const collection_route& route,
                      const WriteBatch& batch, delete_promise promise) {
  append_batch(context, route, batch, promise, [=](const append_reply& reply) mutable {
    promise.deliver(DeleteReply{reply.deleted, reply.seq, reply.applied});
  });
}

/// Asks every shard for what matches, then deletes exactly those versions.
void remove_matching(const append_context& context, const std::shared_ptr<collection_route>& route,
                     const DeleteRequest& request, delete_promise promise) {
  const auto deadline = Deadline::in(std::chrono::steady_clock::now(), context.timeout);
  auto batch = std::make_shared<WriteBatch>();
  auto failure = std::make_shared<std::optional<Error>>();
  fan_out<matches_reply>(
      context.self, route, all_shards(*route), deadline,
      [=](ShardId) {
        return std::make_tuple(match_atom_v,
                               matches_request{request.filter, request.where, deadline});
      },
      [=](ShardId, Result<matches_reply> reply) {
        if (!reply) {
          *failure = reply.error();
          return;
        }
        for (auto& deletion : reply->deletions) batch->deletions.push_back(std::move(deletion));
      },
      [=]() mutable {
        if (*failure) return refuse(promise, **failure);
        append_deletions(context, *route, *batch, promise);
      });
}

caf::result<DeleteReply> remove(const append_context& context, const DeleteRequest& request) {
  auto route = context.self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  if (!request.filter.empty() || !request.where.empty()) {
    auto promise = context.self->make_response_promise<DeleteReply>();
    remove_matching(context, *route, request, promise);
    return promise;
  }
  auto batch = shard::prepare_delete(request.ids);
  if (!batch) return to_caf(batch.error());
  auto promise = context.self->make_response_promise<DeleteReply>();
  append_deletions(context, **route, *batch, promise);
  return promise;
}

template <class Promise, class Wrap>
void answer_with_info(const append_context& context, const std::string& name, Promise promise,
                      Wrap wrap) {
  auto route = context.self->state.routes.find(name);
  if (!route) return refuse(promise, route.error());
  const auto deadline = Deadline::in(std::chrono::steady_clock::now(), context.timeout);
  describe(context.self, *route, deadline,
           [=](CollectionInfo& info) mutable { promise.deliver(wrap(std::move(info))); });
}

caf::result<CollectionPut> create(append_context context, const CollectionSettings& settings) {
  if (const auto checked = validate(settings); !checked) return to_caf(checked.error());
  const auto name = settings.name;
  const auto present = context.self->state.routes.find(name);
  if (present && (*present)->settings != settings) {
    return to_caf(settings_conflict((*present)->settings, settings));
  }
  auto promise = context.self->make_response_promise<CollectionPut>();
  if (present) {
    answer_with_info(context, name, promise, [](CollectionInfo info) {
      return CollectionPut{std::move(info), false};
    });
    return promise;
  }
  context.timeout = kCatalogTimeout;
  append(context, {}, EntryKind::kCreateCollection, encode_settings(settings), {}, promise,
         [=](const append_reply& reply) mutable {
           const bool created = reply.collection.value == reply.seq;
           answer_with_info(context, name, promise, [=](CollectionInfo info) {
             return CollectionPut{std::move(info), created};
           });
         });
  return promise;
}

caf::result<CollectionInfo> patch(append_context context, const patch_request& request) {
  auto route = context.self->state.routes.find(request.name);
  if (!route) return to_caf(route.error());
  auto settings = patched((*route)->settings, request.patch);
  if (!settings) return to_caf(settings.error());
  auto promise = context.self->make_response_promise<CollectionInfo>();
  context.timeout = kCatalogTimeout;
  const auto name = request.name;
  append(context, (*route)->id, EntryKind::kPatchCollection, encode_settings(*settings), {},
         promise, [=](const append_reply&) mutable {
           answer_with_info(context, name, promise, [](CollectionInfo info) { return info; });
         });
  return promise;
}

caf::result<append_reply> drop(append_context context, const std::string& name) {
  auto route = context.self->state.routes.find(name);
  if (!route) return to_caf(route.error());
  auto promise = context.self->make_response_promise<append_reply>();
  context.timeout = kCatalogTimeout;
  append(context, (*route)->id, EntryKind::kDropCollection, encode_settings((*route)->settings), {},
         promise, [=](const append_reply& reply) mutable { promise.deliver(reply); });
  return promise;
}

}  // namespace

ingest_actor::behavior_type ingest(ingest_pointer self, std::string node, std::uint32_t timeout_ms,
                                   log_actor log) {
  die_with_reason(self);
  self->state.routes = Routes(std::move(node));
  const append_context context{self, std::move(log), std::chrono::milliseconds(timeout_ms)};
  return {
      [=](opened_atom, const collection_opened& x) { self->state.routes.opened(x); },
      [=](dropped_atom, CollectionId id) { self->state.routes.dropped(id); },
      [=](up_atom, const shard_key& key, const std::vector<searcher_actor>& x) {
        self->state.routes.up(key, x);
      },
      [=](lost_atom, const shard_lost& x) { self->state.routes.lost(x); },
      [=](cut_atom, const cut_moved& x) { self->state.routes.cut(x); },
      [=](upsert_atom, UpsertRequest& request) { return upsert(context, request); },
      [=](remove_atom, const DeleteRequest& request) { return remove(context, request); },
      [=](create_atom, const CollectionSettings& settings) { return create(context, settings); },
      [=](patch_atom, const patch_request& request) { return patch(context, request); },
      [=](drop_atom, const std::string& name) { return drop(context, name); },
  };
}

}  // namespace mosaic::actors
