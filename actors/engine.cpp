#include "actors/engine.hpp"

#include <algorithm>

#include "actors/exceptions.hpp"
#include "actors/promise.hpp"
#include "shard/foreign_request.hpp"

namespace mosaic::actors {
namespace {

using engine_pointer = engine_actor::stateful_pointer<engine_state>;
using cluster::WriteKind;

/// A search may not keep its place for longer than the longest that is allowed.
std::chrono::milliseconds search_guard(engine_pointer self, const SearchRequest& request) {
  if (request.timeout_ms == 0) return self->state.doors.search_timeout;
  return std::chrono::milliseconds(std::min(request.timeout_ms, kTimeoutMsMax));
}

/// Nobody sends a request before the engine is wired and published, but whoever knows the protocol
/// can.
Status check_wired(engine_pointer self) {
  if (self->state.parts.known) return {};
  return Error{ErrorCode::kUnavailable, "the node is starting"};
}

/// Asks whom `choose` picks of the node's parts and passes on what comes back, in its own words.
template <class Reply, class Choose, class... Message>
caf::result<Reply> ask(engine_pointer self, const way_in& way, Choose choose,
                       std::chrono::milliseconds timeout, Message... message) {
  if (const auto wired = check_wired(self); !wired) return to_caf(wired.error());
  auto pass = enter(way, self->clock().now());
  if (!pass) return to_caf(pass.error());
  const sure_promise<Reply> promise(self);
  self->request(choose(self->state.parts), timeout, std::move(message)...)
      .then(
          [promise, held = *pass](Reply& reply) mutable {
            held.reset();
            promise.deliver(std::move(reply));
          },
          [promise, held = *pass](caf::error& error) mutable {
            held.reset();
            refuse(promise, from_caf(error));
          });
  return promise;
}

template <class Reply, class... Message>
caf::result<Reply> ask_coordinator(engine_pointer self, const door_ptr& door,
                                   std::chrono::milliseconds timeout, Message... message) {
  const auto choose = [](front_parts& parts) { return parts.coordinator(); };
  return ask<Reply>(self, door, choose, timeout, std::move(message)...);
}

template <class Reply, class... Message>
caf::result<Reply> ask_ingest(engine_pointer self, cluster::WriteKind kind,
                              std::chrono::milliseconds timeout, Message... message) {
  const auto choose = [](front_parts& parts) { return parts.ingest(); };
  return ask<Reply>(self, way_in(self->state.doors, kind), choose, timeout, std::move(message)...);
}

caf::result<SearchReply> search(engine_pointer self, SearchRequest& request) {
  if (const auto checked = shard::check_foreign(request); !checked) return to_caf(checked.error());
  return ask_coordinator<SearchReply>(self, self->state.doors.searches, search_guard(self, request),
                                      search_atom_v, std::move(request));
}

/// What is to be written, and for which request.
template <class Write>
Status check_write(Write& write, const RequestId& id) {
  if (const auto checked = shard::check_foreign(id); !checked) return checked;
  return shard::check_foreign(write);
}

caf::result<UpsertReply> upsert(engine_pointer self, UpsertRequest& request, const RequestId& id) {
  if (const auto checked = check_write(request, id); !checked) return to_caf(checked.error());
  return ask_ingest<UpsertReply>(self, WriteKind::kGrow, kWriteGuard, upsert_atom_v,
                                 std::move(request), id);
}

caf::result<DeleteReply> remove(engine_pointer self, DeleteRequest& request, const RequestId& id) {
  if (const auto checked = check_write(request, id); !checked) return to_caf(checked.error());
  return ask_ingest<DeleteReply>(self, WriteKind::kDelete, kWriteGuard, remove_atom_v,
                                 std::move(request), id);
}

caf::result<CollectionPut> create(engine_pointer self, CollectionSettings& settings,
                                  const RequestId& id) {
  if (const auto checked = check_write(settings, id); !checked) return to_caf(checked.error());
  return ask_ingest<CollectionPut>(self, WriteKind::kGrow, kCatalogGuard, create_atom_v,
                                   std::move(settings), id);
}

caf::result<Health> health(engine_pointer self) {
  const auto choose = [](front_parts& parts) { return parts.known->supervisor; };
  return ask<Health>(self, {}, choose, kReadGuard, health_atom_v);
}

/// Whether the message at hand was sent by an actor of this process.
bool from_inside(engine_pointer self) {
  const auto& sender = self->current_sender();
  return sender && sender->node() == self->node();
}

/// Only root may ask for faults: it knows whether they are allowed.
void inject(engine_pointer self, const FaultRequest& fault) {
  if (from_inside(self)) self->state.faults.inject(fault);
}

}  // namespace

engine_actor::behavior_type engine(engine_pointer self, const engine_doors& doors) {
  die_with_reason(self);
  self->state.doors = doors;
  return {
      [=](search_atom, SearchRequest& request) { return search(self, request); },
      [=](read_atom, const GetRequest& request) {
        return ask_coordinator<StoredDocument>(self, self->state.doors.searches, kReadGuard,
                                               read_atom_v, request);
      },
      [=](upsert_atom, UpsertRequest& request, const RequestId& id) {
        return upsert(self, request, id);
      },
      [=](remove_atom, DeleteRequest& request, const RequestId& id) {
        return remove(self, request, id);
      },
      [=](create_atom, CollectionSettings& settings, const RequestId& id) {
        return create(self, settings, id);
      },
      [=](info_atom, const std::string& name) {
        return ask_coordinator<CollectionInfo>(self, {}, kReadGuard, info_atom_v, name);
      },
      [=](health_atom) { return health(self); },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts.known = parts; },
      [=](fault_atom, const FaultRequest& fault) { inject(self, fault); },
  };
}

}  // namespace mosaic::actors
