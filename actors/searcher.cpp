#include "actors/searcher.hpp"

#include "actors/exceptions.hpp"

namespace mosaic::actors {
namespace {

using searcher_pointer = searcher_actor::stateful_pointer<searcher_state>;

/// Stale work is dropped before it is begun: nobody waits for the answer any more.
bool stale(searcher_pointer self, Deadline deadline) {
  return deadline.passed(self->clock().now());
}

template <class Reply, class Work>
caf::result<Reply> serve(searcher_pointer self, Deadline deadline, Work work) {
  if (self->state.faults.swallow()) return self->make_response_promise<Reply>();
  if (stale(self, deadline)) {
    return to_caf(
        Error{ErrorCode::kDeadlineExceeded, "the deadline passed while the request waited"});
  }
  return to_caf(work(*self->state.searcher));
}

Result<documents_reply> as_reply(Result<std::vector<StoredDocument>> documents) {
  if (!documents) return documents.error();
  return documents_reply{std::move(*documents)};
}

Result<documents_reply> as_reply(Result<std::optional<StoredDocument>> document) {
  if (!document) return document.error();
  documents_reply reply;
  if (*document) reply.documents.push_back(std::move(**document));
  return reply;
}

Result<matches_reply> as_reply(Result<std::vector<Deletion>> deletions) {
  if (!deletions) return deletions.error();
  return matches_reply{std::move(*deletions)};
}

}  // namespace

searcher_actor::behavior_type searcher(searcher_actor::stateful_pointer<searcher_state> self,
                                       std::shared_ptr<shard::ShardSearcher> searcher) {
  die_with_reason(self);
  self->state.searcher = std::move(searcher);
  return {
      [=](text_stats_atom, const text_stats_request& r) {
        return serve<storage::TextStats>(self, r.deadline, [&](auto& shard) {
          return shard.text_stats(r.cut, r.text, r.deadline);
        });
      },
      [=](search_atom, const shard_search_request& r) {
        return serve<shard::ShardCandidates>(self, r.deadline, [&](auto& shard) {
          return shard.search(r.cut, r.query, r.deadline);
        });
      },
      [=](fetch_atom, const fetch_request& r) {
        return serve<documents_reply>(self, r.deadline, [&](auto& shard) {
          return as_reply(shard.fetch(r.rows, r.include, r.deadline));
        });
      },
      [=](read_atom, const shard_get_request& r) {
        return serve<documents_reply>(self, r.deadline, [&](auto& shard) {
          return as_reply(shard.get(r.id, r.include, r.deadline));
        });
      },
      [=](list_atom, const shard_list_request& r) {
        return serve<shard::Page>(
            self, r.deadline, [&](auto& shard) { return shard.list(r.list, r.after, r.deadline); });
      },
      [=](match_atom, const matches_request& r) {
        return serve<matches_reply>(self, r.deadline, [&](auto& shard) {
          return as_reply(shard.matches(r.filter, r.where, r.deadline));
        });
      },
      [=](graph_atom, const graph_request& r) {
        return serve<shard::GraphPage>(self, r.deadline, [&](auto& shard) {
          return shard.graph_page(r.as_of, r.after, r.deadline);
        });
      },
      [=](info_atom) {
        return serve<ShardInfo>(self, {}, [](auto& shard) { return shard.info(); });
      },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
