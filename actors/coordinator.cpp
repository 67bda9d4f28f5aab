#include "actors/coordinator.hpp"

#include <fmt/format.h>

#include "actors/cut_reads.hpp"
#include "actors/exceptions.hpp"
#include "actors/freshness.hpp"
#include "actors/promise.hpp"
#include "actors/search_flow.hpp"
#include "query/filter.hpp"
#include "shard/cursor.hpp"
#include "shard/page_merge.hpp"

namespace mosaic::actors {
namespace {

using coordinator_pointer = coordinator_actor::stateful_pointer<coordinator_state>;

constexpr std::chrono::seconds kReadTimeout{10};

Deadline read_deadline(coordinator_pointer self) {
  return Deadline::in(self->clock().now(), kReadTimeout);
}

/// Calls `work` with the seq of the past that is asked for, or 0; refuses where there is none.
template <class Promise, class Work>
void at_state(coordinator_pointer self, const std::shared_ptr<collection_route>& route,
              const std::optional<AsOf>& as_of, Deadline deadline, Promise promise, Work work) {
  if (!as_of) return work(0);
  resolve_as_of(self, route, *as_of, deadline, [=](Result<Seq> seq) mutable {
    if (!seq) return refuse(promise, seq.error());
    work(*seq);
  });
}

caf::result<StoredDocument> read(coordinator_pointer self, const GetRequest& request) {
  auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  if (const auto checked = validate_id(request.id, "id"); !checked) return to_caf(checked.error());
  const sure_promise<StoredDocument> promise(self);
  const auto deadline = read_deadline(self);
  const auto read_at = [=](Seq as_of) {
    const auto answered = [=](Result<shard::FoundDocuments> found) mutable {
      if (!found) return refuse(promise, found.error());
      promise.deliver(std::move(found->documents.front()));
    };
    read_document(self, *route, request.id, request.include, deadline, answered, as_of);
  };
  at_state(self, *route, request.as_of, deadline, promise, read_at);
  return promise;
}

Status check_list(const ListRequest& request) {
  if (request.limit < 1 || request.limit > kListLimitMax) {
    return invalid(fmt::format("limit is {}, must be 1 to {}", request.limit, kListLimitMax));
  }
  if (request.filter.empty()) return {};
  const auto filter = query::Filter::parse(request.filter);
  return filter ? Status() : Status(filter.error());
}

void list_at(coordinator_pointer self, const std::shared_ptr<collection_route>& route,
             const ListRequest& request, const shard::Cursor& from, Deadline deadline,
             sure_promise<ListReply> promise) {
  read_at_one_cut<shard::Page>(
      self, route, deadline,
      [=](ShardId, Seq cut) {
        return std::make_tuple(list_atom_v,
                               shard_list_request{cut, request, from.after, deadline, from.as_of});
      },
      [=](shard_answers<shard::Page> answers) mutable {
        // A list that left documents out would be read as if they were gone.
        if (const auto* failure = failure_of(answers)) return refuse(promise, *failure);
        std::vector<shard::Page> pages;
        for (auto& answer : answers) pages.push_back(std::move(*answer));
        auto merged = shard::merge_pages(std::move(pages), request.limit);
        ListReply reply;
        if (merged.more)
          reply.next_cursor =
              shard::encode_cursor({merged.documents.back().document.id, from.as_of});
        reply.documents = std::move(merged.documents);
        promise.deliver(std::move(reply));
      });
}

caf::result<ListReply> list(coordinator_pointer self, const ListRequest& request) {
  auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  if (const auto checked = check_list(request); !checked) return to_caf(checked.error());
  const auto cursor = shard::decode_cursor(request.cursor);
  if (!cursor) return to_caf(cursor.error());
  const sure_promise<ListReply> promise(self);
  const auto deadline = read_deadline(self);
  const auto list_from = [=](Seq as_of) {
    list_at(self, *route, request, {cursor->after, as_of}, deadline, promise);
  };
  // All pages of one list show one state.
  if (cursor->as_of != 0) {
    list_from(cursor->as_of);
  } else {
    at_state(self, *route, request.as_of, deadline, promise, list_from);
  }
  return promise;
}

caf::result<CollectionInfo> info(coordinator_pointer self, const std::string& name) {
  auto route = self->state.routes.find(name);
  if (!route) return to_caf(route.error());
  const sure_promise<CollectionInfo> promise(self);
  describe(self, *route, read_deadline(self),
           [=](CollectionInfo& info) mutable { promise.deliver(std::move(info)); });
  return promise;
}

caf::result<Centroids> centroids(coordinator_pointer self, const std::string& name) {
  auto route = self->state.routes.find(name);
  if (!route) return to_caf(route.error());
  if (const auto checked = require_by_centroid((*route)->settings); !checked)
    return to_caf(checked.error());
  return (*route)->placement->centroids();
}

caf::result<collections_reply> all_infos(coordinator_pointer self) {
  const auto known = self->state.routes.all();
  if (!known) return to_caf(known.error());
  const auto& routes = *known;
  if (routes.empty()) return collections_reply{};
  const sure_promise<collections_reply> promise(self);
  auto reply = std::make_shared<collections_reply>();
  reply->collections.resize(routes.size());
  auto pending = std::make_shared<std::size_t>(routes.size());
  for (std::size_t i = 0; i < routes.size(); ++i) {
    describe(self, routes[i], read_deadline(self), [=](CollectionInfo& info) mutable {
      reply->collections[i] = std::move(info);
      if (--*pending == 0) promise.deliver(std::move(*reply));
    });
  }
  return promise;
}

metrics::SearchOutcome outcome_of(const Result<SearchReply>& reply) {
  if (!reply) return metrics::SearchOutcome::kError;
  return reply->partial ? metrics::SearchOutcome::kPartial : metrics::SearchOutcome::kComplete;
}

caf::result<SearchReply> search(coordinator_pointer self, SearchRequest request) {
  if (self->state.faults.swallow()) return self->make_response_promise<SearchReply>();
  const sure_promise<SearchReply> promise(self);
  const auto mode = effective_mode(request);
  auto& metrics = self->state.config.metrics->search;
  if (self->state.searches >= kSearchesMax) {
    metrics.refused(mode);
    refuse(promise, {ErrorCode::kOverloaded,
                     fmt::format("{} searches are under way already", self->state.searches)});
    return promise;
  }
  ++self->state.searches;
  const auto began = self->clock().now();
  const std::function<void(Result<SearchReply>)> ended = [=, &metrics](auto reply) mutable {
    --self->state.searches;
    metrics.ended(mode, outcome_of(reply), self->clock().now() - began);
    if (!reply) return refuse(promise, reply.error());
    promise.deliver(std::move(*reply));
  };
  when_fresh_enough(self, std::move(request), [=](Result<SearchRequest>&& fresh) {
    if (!fresh) return ended(fresh.error());
    start_search(self, std::move(*fresh), ended);
  });
  return promise;
}

}  // namespace

coordinator_actor::behavior_type coordinator(coordinator_pointer self,
                                             const coordinator_config& config) {
  die_with_reason(self);
  self->state.routes = Routes(config.node);
  self->state.config = config;
  return {
      [=](opened_atom, const collection_opened& x) { self->state.routes.opened(x); },
      [=](dropped_atom, CollectionId id) { self->state.routes.dropped(id); },
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
      [=](search_atom, SearchRequest& request) { return search(self, std::move(request)); },
      [=](read_atom, const GetRequest& request) { return read(self, request); },
      [=](list_atom, const ListRequest& request) { return list(self, request); },
      [=](info_atom, const std::string& name) { return info(self, name); },
      [=](info_atom) { return all_infos(self); },
      [=](centroids_atom, const std::string& name) { return centroids(self, name); },
      [=](tick_atom) { give_up_late(self); },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts = parts; },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
