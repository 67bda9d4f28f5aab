#include "actors/ingest.hpp"

#include <fmt/format.h>

#include "actors/cut_reads.hpp"
#include "actors/documents_limit.hpp"
#include "actors/exceptions.hpp"
#include "actors/write_promise.hpp"
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

metrics::WriteMetrics& metrics_of(const append_context& context) {
  return context.self->state.config.metrics->writes;
}

std::chrono::milliseconds time_left(const append_context& context, Deadline deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline.left(context.self->clock().now()));
}

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
         shard::touched_shards(batch, route.settings), promise, then);
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

using upsert_promise = write_promise<UpsertReply>;

void append_documents(const append_context& context, const collection_route& route,
                      WriteBatch& batch, document_place place, upsert_promise promise) {
  const auto count = batch.documents.size();
  if (route.placement) shard::place(batch, *route.placement);
  append_batch(context, route, batch, promise, [=](const append_reply& reply) mutable {
    if (place) place->stored(reply.seq);
    // Before the answer: whoever hears it finds the room as he leaves it.
    place.reset();
    metrics_of(context).upserted(count);
    promise.deliver(UpsertReply{count, reply.seq, reply.applied});
  });
}

/// What embedding takes goes from the time for the whole write.
void embed_and_append(append_context context, const std::shared_ptr<collection_route>& route,
                      const std::shared_ptr<WriteBatch>& waiting, std::vector<std::string> texts,
                      document_place place, upsert_promise promise) {
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  const metrics::Stopwatch watch;
  embed(context, route->settings, std::move(texts), deadline, promise,
        [=](std::vector<Vector>& vectors) mutable {
          metrics_of(context).stage(metrics::WriteStage::kEmbed, watch.passed());
          shard::fill_vectors(*waiting, std::move(vectors));
          context.timeout = time_left(context, deadline);
          append_documents(context, *route, *waiting, std::move(place), promise);
        });
}

void upsert(const append_context& context, UpsertRequest& request, const upsert_promise& promise) {
  auto route = context.self->state.routes.find(request.collection);
  if (!route) return refuse(promise, route.error());
  const auto& settings = (*route)->settings;
  const metrics::Stopwatch watch;
  auto batch =
      shard::prepare_upsert(std::move(request.documents), settings, (*route)->embedder.get());
  if (!batch) return refuse(promise, batch.error());
  metrics_of(context).stage(metrics::WriteStage::kPrepare, watch.passed());
  Result<std::vector<std::string>> texts = std::vector<std::string>();
  if (text::is_endpoint(settings.embedder))
    texts = shard::texts_to_embed(*batch, settings.dimension);
  if (!texts) return refuse(promise, texts.error());
  auto waiting = std::make_shared<WriteBatch>(std::move(*batch));
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  // Before an endpoint is asked: what has no room needs no vectors.
  find_room(context.self, *route, *waiting, deadline,
            [=, known = *route, texts = std::move(*texts)](Result<document_place> place) mutable {
              if (!place) return refuse(promise, place.error());
              append_context rest{context.self, time_left(context, deadline)};
              if (texts.empty()) return append_documents(rest, *known, *waiting, *place, promise);
              embed_and_append(rest, known, waiting, std::move(texts), *place, promise);
            });
}

caf::result<UpsertReply> upsert(const append_context& context, UpsertRequest& request) {
  if (context.self->state.faults.swallow())
    return context.self->make_response_promise<UpsertReply>();
  const upsert_promise promise(context.self, context.self->state.config.metrics);
  upsert(context, request, promise);
  return promise;
}

using delete_promise = write_promise<DeleteReply>;

void append_deletions(const append_context& context, const std::shared_ptr<collection_route>& route,
                      const WriteBatch& batch, delete_promise promise) {
  append_batch(context, *route, batch, promise, [=](const append_reply& reply) mutable {
    metrics_of(context).deleted(reply.deleted);
    if (reply.deleted > 0) documents_deleted(context.self, *route);
    promise.deliver(DeleteReply{reply.deleted, reply.seq, reply.applied});
  });
}

/// Asks every shard for what matches, then deletes exactly those versions.
void remove_matching(const append_context& context, const std::shared_ptr<collection_route>& route,
                     const DeleteRequest& request, delete_promise promise) {
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  read_at_one_cut<matches_reply>(
      context.self, route, deadline,
      [=](ShardId, Seq cut) {
        return std::make_tuple(match_atom_v,
                               matches_request{cut, request.filter, request.where, deadline});
      },
      [=](shard_answers<matches_reply> answers) mutable {
        if (const auto* failure = failure_of(answers)) return refuse(promise, *failure);
        WriteBatch batch;
        for (auto& answer : answers)
          std::move(answer->deletions.begin(), answer->deletions.end(),
                    std::back_inserter(batch.deletions));
        append_deletions(context, route, batch, promise);
      });
}

void remove(const append_context& context, const DeleteRequest& request,
            const delete_promise& promise) {
  auto route = context.self->state.routes.find(request.collection);
  if (!route) return refuse(promise, route.error());
  if (!request.filter.empty() || !request.where.empty())
    return remove_matching(context, *route, request, promise);
  auto batch = shard::prepare_delete(request.ids);
  if (!batch) return refuse(promise, batch.error());
  append_deletions(context, *route, *batch, promise);
}

caf::result<DeleteReply> remove(const append_context& context, const DeleteRequest& request) {
  const delete_promise promise(context.self, context.self->state.config.metrics);
  remove(context, request, promise);
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

caf::result<Centroids> set_centroids(append_context context, CentroidsRequest& request) {
  auto route = context.self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  if (const auto checked = validate_centroids(request.vectors, (*route)->settings); !checked)
    return to_caf(checked.error());
  const sure_promise<Centroids> promise(context.self);
  context.timeout = kCatalogTimeout;
  Centroids centroids{0, std::move(request.vectors), false, {}};
  auto bytes = encode_centroids(centroids);
  append(context, (*route)->id, EntryKind::kSetCentroids, std::move(bytes), {}, promise,
         [=](const append_reply& reply) mutable {
           centroids.seq = reply.seq;
           promise.deliver(std::move(centroids));
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

ingest_actor::behavior_type ingest(ingest_pointer self, const ingest_config& config) {
  die_with_reason(self);
  self->state.config = config;
  self->state.routes = Routes(config.node);
  const append_context context{self, std::chrono::milliseconds(config.timeout_ms)};
  return {
      [=](opened_atom, const collection_opened& x) { self->state.routes.opened(x); },
      [=](dropped_atom, CollectionId id) {
        self->state.routes.dropped(id);
        collection_gone(self, id);
      },
      [=](up_atom, const shard_key& key, const std::vector<searcher_actor>& x) {
        self->state.routes.up(key, x);
      },
      [=](lost_atom, const shard_lost& x) { self->state.routes.lost(x); },
      [=](cut_atom, const cut_moved& x) { self->state.routes.cut(x); },
      [=](introduced_atom) { self->state.routes.introduced(); },
      [=](upsert_atom, UpsertRequest& request) { return upsert(context, request); },
      [=](remove_atom, const DeleteRequest& request) { return remove(context, request); },
      [=](create_atom, CollectionSettings& settings) { return create(context, settings); },
      [=](patch_atom, const patch_request& request) { return patch(context, request); },
      [=](drop_atom, const std::string& name) { return drop(context, name); },
      [=](centroids_atom, CentroidsRequest& request) { return set_centroids(context, request); },
      [=](tick_atom) { give_up_late(self); },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts = parts; },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
