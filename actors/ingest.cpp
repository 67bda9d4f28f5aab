#include "actors/ingest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actors/cut_reads.hpp"
#include "actors/documents_limit.hpp"
#include "actors/exceptions.hpp"
#include "actors/write_promise.hpp"
#include "shard/prepare_write.hpp"
#include "text/embedder.hpp"
#include "text/endpoint_name.hpp"

namespace mosaic::actors {
namespace {

using ingest_pointer = ingest_actor::stateful_pointer<ingest_state>;

/// Making or dropping a collection touches many files.
constexpr std::chrono::seconds kCatalogTimeout{60};

/// Before a write is made anew for another embedder that this actor has not heard of yet.
constexpr std::chrono::milliseconds kOutdatedPause{2};

/// For shards that have something to apply before a deletion can see what it is to find.
constexpr std::chrono::milliseconds kLevelPause{20};
constexpr std::chrono::seconds kLevelPatience{3};

/// Any text will do to see how many dimensions an endpoint gives.
constexpr std::string_view kProbeText = "dimension";

struct append_context {
  ingest_pointer self;
  std::chrono::milliseconds timeout;
  RequestId request = {};  ///< that it is all for

  append_context of(const RequestId& named) const { return {self, timeout, named}; }
};

metrics::WriteMetrics& metrics_of(const append_context& context) {
  return context.self->state.config.metrics->writes;
}

/// Appends and hands the reply to `then`; errors go to `promise`.
template <class Promise, class Then>
void append(const append_context& context, CollectionId collection, EntryKind kind,
            std::string bytes, std::vector<ShardId> touches, Promise promise, Then then,
            std::optional<Seq> space = {}) {
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  append_request request{
      collection,         kind,     std::make_shared<const std::string>(std::move(bytes)),
      std::move(touches), deadline, space,
      context.request};
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
  std::optional<Seq> space;
  if (!batch.documents.empty()) space = batch.space;
  append(context, route.id, EntryKind::kWrite, std::move(*bytes),
         shard::touched_shards(batch, route.settings), promise, then, space);
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

/// A write on its way into the log.
struct upsert_flow {
  upsert_flow(std::shared_ptr<collection_route> to, upsert_promise answer, Deadline until)
      : route(std::move(to)), promise(std::move(answer)), deadline(until) {}

  std::shared_ptr<collection_route> route;
  upsert_promise promise;
  Deadline deadline;  ///< of the whole write
  shard::PreparedWrite write;
  document_place place{};
  RequestId request = {};

  append_context rest(ingest_pointer self) const {
    return {
        self,
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline.left(self->clock().now())),
        request};
  }
};
using upsert_flow_ptr = std::shared_ptr<upsert_flow>;

void embed_and_append(ingest_pointer self, const upsert_flow_ptr& flow);

/// The collection has gone over to another embedder since the vectors were made.
void begin_again(ingest_pointer self, const upsert_flow_ptr& flow) {
  const auto& space = *flow->route->space();
  // The log may know of it sooner than this actor.
  if (flow->write.batch.space == space.seq && !flow->deadline.passed(self->clock().now()))
    return after_pause(self, kOutdatedPause, [=] { begin_again(self, flow); });
  auto again = shard::prepare_again(std::move(flow->write), space.settings);
  if (!again) return refuse(flow->promise, again.error());
  flow->write = std::move(*again);
  embed_and_append(self, flow);
}

void append_documents(ingest_pointer self, const upsert_flow_ptr& flow) {
  const auto context = flow->rest(self);
  auto& batch = flow->write.batch;
  if (flow->route->placement) shard::place(batch, *flow->route->placement);
  append_batch(context, *flow->route, batch, flow->promise, [=](const append_reply& reply) mutable {
    if (reply.outdated) return begin_again(self, flow);
    const auto count = flow->write.batch.documents.size();
    if (flow->place) flow->place->stored(reply.seq);
    // Before the answer: whoever hears it finds the room as he leaves it.
    flow->place.reset();
    metrics_of(context).upserted(count);
    flow->promise.deliver(UpsertReply{count, reply.seq, reply.applied});
  });
}

/// What embedding takes goes from the time for the whole write.
void ask_for_vectors(ingest_pointer self, const upsert_flow_ptr& flow,
                     const CollectionSettings& settings, std::vector<std::string> texts) {
  const metrics::Stopwatch watch;
  embed({self, {}}, settings, std::move(texts), flow->deadline, flow->promise,
        [=](std::vector<Vector>& vectors) mutable {
          metrics_of({self, {}}).stage(metrics::WriteStage::kEmbed, watch.passed());
          shard::fill_vectors(flow->write, std::move(vectors));
          append_documents(self, flow);
        });
}

void embed_and_append(ingest_pointer self, const upsert_flow_ptr& flow) {
  const auto space = flow->route->space();
  flow->write.batch.space = space->seq;
  if (flow->write.to_embed.empty()) return append_documents(self, flow);
  if (space->failure) return refuse(flow->promise, *space->failure);
  if (text::is_endpoint(space->settings.embedder)) {
    auto texts = shard::texts_to_embed(flow->write, space->settings.dimension);
    if (!texts) return refuse(flow->promise, texts.error());
    return ask_for_vectors(self, flow, space->settings, std::move(*texts));
  }
  if (space->embedder) {
    const metrics::Stopwatch watch;
    shard::embed(flow->write, *space->embedder);
    if (!space->embedder->intact())
      return refuse(flow->promise, text::embedder_changed(space->settings));
    metrics_of({self, {}}).stage(metrics::WriteStage::kEmbed, watch.passed());
  }
  append_documents(self, flow);
}

void upsert(const append_context& context, UpsertRequest& request, const upsert_promise& promise) {
  auto route = context.self->state.routes.find(request.collection);
  if (!route) return refuse(promise, route.error());
  const metrics::Stopwatch watch;
  auto write = shard::prepare_upsert(std::move(request.documents), (*route)->space()->settings);
  if (!write) return refuse(promise, write.error());
  metrics_of(context).stage(metrics::WriteStage::kPrepare, watch.passed());
  const auto flow = std::make_shared<upsert_flow>(
      *route, promise, Deadline::in(context.self->clock().now(), context.timeout));
  flow->write = std::move(*write);
  flow->request = context.request;
  // Before anything is embedded: what has no room needs no vectors.
  find_room(context.self, *route, flow->write.batch, flow->deadline,
            [self = context.self, flow](Result<document_place> place) {
              if (!place) return refuse(flow->promise, place.error());
              flow->place = std::move(*place);
              embed_and_append(self, flow);
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

/// What was acknowledged must not be missed because a shard has still to apply it, as after a
/// restart: `then` hears once all are level, or that they were not in time.
void when_level(const append_context& context, CollectionId id, Deadline deadline,
                std::function<void(Status)> then) {
  const auto self = context.self;
  self->request(self->state.parts->log, context.timeout, status_atom_v)
      .then(
          [=](const log_status& status) {
            const auto late = std::find_if(status.missing.begin(), status.missing.end(),
                                           [&](const auto& key) { return key.collection == id; });
            if (late == status.missing.end()) return then({});
            if (deadline.passed(self->clock().now())) {
              return then(Error{
                  ErrorCode::kUnavailable,
                  fmt::format("shard {} has not applied all that was written", late->shard.value)});
            }
            after_pause(self, kLevelPause, [=] { when_level(context, id, deadline, then); });
          },
          [=](caf::error& error) { then(from_caf(error)); });
}

/// The same of what was acknowledged by other nodes.
void when_newest(const append_context& context, CollectionId id, Deadline deadline,
                 std::function<void(Status)> then) {
  when_level(context, id, deadline, [=](const Status& level) {
    if (!level) return then(level);
    const auto self = context.self;
    self->request(self->state.parts->log, context.timeout, reach_atom_v,
                  reach_request{id, 0, true, deadline})
        .then([=](Seq) { then({}); }, [=](caf::error& error) { then(from_caf(error)); });
  });
}

/// Asks every shard for what matches, then deletes exactly those versions.
void remove_matching(const append_context& context, const std::shared_ptr<collection_route>& route,
                     const DeleteRequest& request, delete_promise promise) {
  const auto deadline = Deadline::in(context.self->clock().now(), context.timeout);
  const auto read = [=] {
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
  };
  when_newest(context, route->id, Deadline::in(context.self->clock().now(), kLevelPatience),
              [=](const Status& newest) mutable {
                if (!newest) return refuse(promise, newest.error());
                read();
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

/// No shard begins on a node that is known to be down.
template <class Then>
void with_lost_nodes(const append_context& context, Then then) {
  const auto& membership = context.self->state.parts->membership;
  if (!membership) return then(NodeIds{});
  context.self->request(membership, context.timeout, lost_atom_v)
      .then([=](const NodeIds& lost) { then(lost); }, [=](const caf::error&) { then(NodeIds{}); });
}

void put(append_context context, const CollectionSettings& settings,
         const text::EmbedderPtr& embedder, put_promise promise) {
  const auto name = settings.name;
  const auto present = context.self->state.routes.find(name);
  // Of a request with a name the catalog knows whether it is the one that made the collection.
  const bool stands = present && !context.request;
  if (stands && (*present)->settings != settings) {
    return refuse(promise, settings_conflict((*present)->settings, settings));
  }
  if (stands) {
    return answer_with_info(context, name, promise, [](CollectionInfo info) {
      return CollectionPut{std::move(info), false};
    });
  }
  context.timeout = kCatalogTimeout;
  const CollectionEntry made{settings, {.fingerprint = text::fingerprint_of(embedder)}};
  with_lost_nodes(context, [=](const NodeIds& lost) {
    append(context, {}, EntryKind::kCreateCollection, encode_collection(made, lost), {}, promise,
           [=](const append_reply& reply) mutable {
             const bool created = reply.collection.value == reply.seq;
             answer_with_info(context, name, promise, [=](CollectionInfo info) {
               return CollectionPut{std::move(info), created};
             });
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
          put(context, settings, nullptr, promise);
        });
}

void make(const append_context& context, CollectionSettings& settings, put_promise promise) {
  const auto embedder = text::open_embedder(settings.embedder, settings.dimension);
  if (!embedder) return refuse(promise, embedder.error());
  if (settings.dimension == 0 && !*embedder)
    return put_with_dimension_of_endpoint(context, std::move(settings), promise);
  if (settings.dimension == 0) settings.dimension = (*embedder)->dimension();
  put(context, settings, *embedder, promise);
}

caf::result<CollectionPut> create(const append_context& context, CollectionSettings& settings) {
  if (const auto checked = validate(settings); !checked) return to_caf(checked.error());
  const sure_promise<CollectionPut> promise(context.self);
  const auto present = context.self->state.routes.find(settings.name);
  if (settings.dimension == 0 && present) settings.dimension = (*present)->settings.dimension;
  // One that stands already needs its model no more than a look at its settings.
  const bool known = present && (!context.request || (*present)->settings == settings);
  known ? put(context, settings, nullptr, promise) : make(context, settings, promise);
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

/// The collection is not there: maybe because the same request has dropped it.
void recall_drop(const append_context& context, const Error& missing,
                 sure_promise<append_reply> promise) {
  context.self
      ->request(context.self->state.parts->supervisor, context.timeout, recall_atom_v,
                context.request)
      .then(
          [=](const catalog_changed& dropped) mutable {
            promise.deliver(append_reply{dropped.seq, true, 0, dropped.collection});
          },
          [=](caf::error& error) mutable {
            const auto reason = from_caf(error);
            refuse(promise, reason.code == ErrorCode::kNotFound ? missing : reason);
          });
}

caf::result<append_reply> drop(append_context context, const std::string& name) {
  const sure_promise<append_reply> promise(context.self);
  context.timeout = kCatalogTimeout;
  auto route = context.self->state.routes.find(name);
  if (!route && context.request && route.error().code == ErrorCode::kNotFound) {
    recall_drop(context, route.error(), promise);
    return promise;
  }
  if (!route) {
    refuse(promise, route.error());
    return promise;
  }
  append(context, (*route)->id, EntryKind::kDropCollection, encode_settings((*route)->settings), {},
         promise, [=](const append_reply& reply) mutable { promise.deliver(reply); });
  return promise;
}

/// For whoever repeats the request later.
caf::result<append_reply> remember(append_context context, const RememberedAnswer& answer) {
  const sure_promise<append_reply> promise(context.self);
  context.timeout = kCatalogTimeout;
  append(context, {}, EntryKind::kRemember, encode_remembered(answer), {}, promise,
         [=](const append_reply& reply) mutable { promise.deliver(reply); });
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
      [=](replicas_atom, const shard_key& key, const far_shards_actor& x) {
        self->state.routes.far_up(key, x);
      },
      [=](lost_atom, const shard_key& key) { self->state.routes.far_lost(key); },
      [=](cut_atom, const cut_moved& x) { self->state.routes.cut(x); },
      [=](behind_atom, const shard_key& key, bool is) { self->state.routes.behind(key, is); },
      [=](introduced_atom) { self->state.routes.introduced(); },
      [=](upsert_atom, UpsertRequest& request, const RequestId& id) {
        return upsert(context.of(id), request);
      },
      [=](remove_atom, const DeleteRequest& request, const RequestId& id) {
        return remove(context.of(id), request);
      },
      [=](create_atom, CollectionSettings& settings, const RequestId& id) {
        return create(context.of(id), settings);
      },
      [=](patch_atom, const patch_request& request, const RequestId& id) {
        return patch(context.of(id), request);
      },
      [=](drop_atom, const std::string& name, const RequestId& id) {
        return drop(context.of(id), name);
      },
      [=](centroids_atom, CentroidsRequest& request, const RequestId& id) {
        return set_centroids(context.of(id), request);
      },
      [=](remember_atom, const RememberedAnswer& answer) { return remember(context, answer); },
      [=](tick_atom) { give_up_late(self); },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts = parts; },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
