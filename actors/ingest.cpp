#include "actors/ingest.hpp"

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "actors/fan_out.hpp"
#include "actors/promise.hpp"
#include "shard/prepare_write.hpp"
#include "text/endpoint_name.hpp"

namespace mosaic::actors {
namespace {

using ingest_pointer = ingest_actor::stateful_pointer<ingest_state>;

/// Making or dropping a collection touches many files.
constexpr std::chrono::seconds kCatalogTimeout{60};

/// Any text will do to see how many dimensions an endpoint gives.
constexpr std::string_view kProbeText = "dimension";

struct append_context {
  ingest_pointer self;
  std::chrono::milliseconds timeout;
};

/// Appends and hands the reply to `then`; errors go to `promise`.
template <class Promise, class Then>
void append(const append_context& context, CollectionId collection, EntryKind kind,
            std::string bytes, std::vector<ShardId> touches, Promise promise, Then then) {
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  append_request request{collection, kind, std::make_shared<const std::string>(std::move(bytes)),
                         std::move(touches), deadline};
  // The log answers at the deadline itself; it looks at the clock now and then.
  context.self
      ->request(context.self->state.parts->log, context.timeout + std::chrono::seconds(2),
                append_atom_v, std::move(request))
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

/// Asks an endpoint for the vectors of `texts`; errors go to `promise`.
template <class Promise, class Then>
void embed(const append_context& context, const CollectionSettings& settings,
           std::vector<std::string> texts, Deadline deadline, Promise promise, Then then) {
  context.self
      ->request(context.self->state.parts->embedder, answer_timeout(context.self, deadline),
                embed_atom_v,
                embed_request{settings.embedder, settings.dimension, std::move(texts), deadline})
      .then([=](embed_reply& reply) mutable { then(reply.vectors); },
            [=](caf::error& error) mutable { promise.deliver(to_caf(from_caf(error))); });
}

using upsert_promise = sure_promise<UpsertReply>;

void append_documents(const append_context& context, const collection_route& route,
                      const WriteBatch& batch, upsert_promise promise) {
  const auto count = batch.documents.size();
  append_batch(context, route, batch, promise, [=](const append_reply& reply) mutable {
    promise.deliver(UpsertReply{count, reply.seq, reply.applied});
  });
}

/// What embedding takes goes from the time for the whole write.
void embed_and_append(append_context context, const std::shared_ptr<collection_route>& route,
                      WriteBatch batch, std::vector<std::string> texts, upsert_promise promise) {
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  auto waiting = std::make_shared<WriteBatch>(std::move(batch));
  embed(context, route->settings, std::move(texts), deadline, promise,
        [=](std::vector<Vector>& vectors) mutable {
          shard::fill_vectors(*waiting, std::move(vectors));
          context.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
              deadline.left(context.self->clock().now()));
          append_documents(context, *route, *waiting, promise);
        });
}

caf::result<UpsertReply> upsert(const append_context& context, UpsertRequest& request) {
  if (context.self->state.faults.swallow())
    return context.self->make_response_promise<UpsertReply>();
  auto route = context.self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  const auto& settings = (*route)->settings;
  auto batch =
      shard::prepare_upsert(std::move(request.documents), settings, (*route)->embedder.get());
  if (!batch) return to_caf(batch.error());
  Result<std::vector<std::string>> texts = std::vector<std::string>();
  if (text::is_endpoint(settings.embedder))
    texts = shard::texts_to_embed(*batch, settings.dimension);
  if (!texts) return to_caf(texts.error());
  const sure_promise<UpsertReply> promise(context.self);
  if (texts->empty()) {
    append_documents(context, **route, *batch, promise);
  } else {
    embed_and_append(context, *route, std::move(*batch), std::move(*texts), promise);
  }
  return promise;
}

using delete_promise = sure_promise<DeleteReply>;

void append_deletions(const append_context& context, const collection_route& route,
                      const WriteBatch& batch, delete_promise promise) {
  append_batch(context, route, batch, promise, [=](const append_reply& reply) mutable {
    promise.deliver(DeleteReply{reply.deleted, reply.seq, reply.applied});
  });
}

/// Asks every shard for what matches, then deletes exactly those versions.
void remove_matching(const append_context& context, const std::shared_ptr<collection_route>& route,
                     const DeleteRequest& request, delete_promise promise) {
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
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
    const sure_promise<DeleteReply> promise(context.self);
    remove_matching(context, *route, request, promise);
    return promise;
  }
  auto batch = shard::prepare_delete(request.ids);
  if (!batch) return to_caf(batch.error());
  const sure_promise<DeleteReply> promise(context.self);
  append_deletions(context, **route, *batch, promise);
  return promise;
}

template <class Promise, class Wrap>
void answer_with_info(const append_context& context, const std::string& name, Promise promise,
                      Wrap wrap) {
  auto route = context.self->state.routes.find(name);
  if (!route) return refuse(promise, route.error());
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  describe(context.self, *route, deadline,
           [=](CollectionInfo& info) mutable { promise.deliver(wrap(std::move(info))); });
}

using put_promise = sure_promise<CollectionPut>;

void put(append_context context, const CollectionSettings& settings, put_promise promise) {
  const auto name = settings.name;
  const auto present = context.self->state.routes.find(name);
  if (present && (*present)->settings != settings) {
    return refuse(promise, settings_conflict((*present)->settings, settings));
  }
  if (present) {
    return answer_with_info(context, name, promise, [](CollectionInfo info) {
      return CollectionPut{std::move(info), false};
    });
  }
  context.timeout = kCatalogTimeout;
  append(context, {}, EntryKind::kCreateCollection, encode_settings(settings), {}, promise,
         [=](const append_reply& reply) mutable {
           const bool created = reply.collection.value == reply.seq;
           answer_with_info(context, name, promise, [=](CollectionInfo info) {
             return CollectionPut{std::move(info), created};
           });
         });
}

/// Where none is given, the dimension is that of the vectors the endpoint gives now.
void put_with_dimension_of_endpoint(const append_context& context, CollectionSettings settings,
                                    put_promise promise) {
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  embed(context, settings, {std::string(kProbeText)}, deadline, promise,
        [=](const std::vector<Vector>& vectors) mutable {
          settings.dimension = static_cast<std::uint32_t>(vectors.at(0).size());
          put(context, settings, promise);
        });
}

caf::result<CollectionPut> create(const append_context& context, CollectionSettings& settings) {
  if (const auto checked = validate(settings); !checked) return to_caf(checked.error());
  const sure_promise<CollectionPut> promise(context.self);
  const auto present = context.self->state.routes.find(settings.name);
  if (settings.dimension == 0 && present) settings.dimension = (*present)->settings.dimension;
  if (settings.dimension == 0) {
    put_with_dimension_of_endpoint(context, std::move(settings), promise);
  } else {
    put(context, settings, promise);
  }
  return promise;
}

caf::result<CollectionInfo> patch(append_context context, const patch_request& request) {
  auto route = context.self->state.routes.find(request.name);
  if (!route) return to_caf(route.error());
  auto settings = patched((*route)->settings, request.patch);
  if (!settings) return to_caf(settings.error());
  const sure_promise<CollectionInfo> promise(context.self);
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
  const sure_promise<append_reply> promise(context.self);
  context.timeout = kCatalogTimeout;
  append(context, (*route)->id, EntryKind::kDropCollection, encode_settings((*route)->settings), {},
         promise, [=](const append_reply& reply) mutable { promise.deliver(reply); });
  return promise;
}

}  // namespace

ingest_actor::behavior_type ingest(ingest_pointer self, std::string node,
                                   std::uint32_t timeout_ms) {
  die_with_reason(self);
  self->state.routes = Routes(std::move(node));
  const append_context context{self, std::chrono::milliseconds(timeout_ms)};
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
      [=](create_atom, CollectionSettings& settings) { return create(context, settings); },
      [=](patch_atom, const patch_request& request) { return patch(context, request); },
      [=](drop_atom, const std::string& name) { return drop(context, name); },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts = parts; },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
