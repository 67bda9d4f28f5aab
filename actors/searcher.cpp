#include "actors/searcher.hpp"

#include "actors/exceptions.hpp"

namespace mosaic::actors {
namespace {

/// Stale work is dropped before it is begun: nobody waits for the answer any more.
bool stale(Deadline deadline) {
  return deadline.passed(std::chrono::steady_clock::now());
}

caf::error too_late() {
  return to_caf(
      Error{ErrorCode::kDeadlineExceeded, "the deadline passed while the request waited"});
}

}  // namespace

searcher_actor::behavior_type searcher(searcher_actor::stateful_pointer<searcher_state> self,
                                       std::shared_ptr<shard::ShardSearcher> searcher) {
  die_with_reason(self);
  self->state.searcher = std::move(searcher);
  return {
      [=](text_stats_atom, const text_stats_request& r) -> caf::result<storage::TextStats> {
        if (stale(r.deadline)) return too_late();
        return to_caf(self->state.searcher->text_stats(r.cut, r.text, r.deadline));
      },
      [=](search_atom, const shard_search_request& r) -> caf::result<shard::ShardCandidates> {
        if (stale(r.deadline)) return too_late();
        return to_caf(self->state.searcher->search(r.cut, r.query, r.deadline));
      },
      [=](fetch_atom, const fetch_request& r) -> caf::result<documents_reply> {
        if (stale(r.deadline)) return too_late();
        auto documents = self->state.searcher->fetch(r.rows, r.include, r.deadline);
        if (!documents) return to_caf(documents.error());
        return documents_reply{std::move(*documents)};
      },
      [=](read_atom, const shard_get_request& r) -> caf::result<documents_reply> {
        if (stale(r.deadline)) return too_late();
        auto document = self->state.searcher->get(r.id, r.include, r.deadline);
        if (!document) return to_caf(document.error());
        documents_reply reply;
        if (*document) reply.documents.push_back(std::move(**document));
        return reply;
      },
      [=](list_atom, const shard_list_request& r) -> caf::result<shard::Page> {
        if (stale(r.deadline)) return too_late();
        return to_caf(self->state.searcher->list(r.list, r.after, r.deadline));
      },
      [=](match_atom, const matches_request& r) -> caf::result<matches_reply> {
        if (stale(r.deadline)) return too_late();
        auto deletions = self->state.searcher->matches(r.filter, r.where, r.deadline);
        if (!deletions) return to_caf(deletions.error());
        return matches_reply{std::move(*deletions)};
      },
      [=](info_atom) -> caf::result<ShardInfo> { return to_caf(self->state.searcher->info()); },
  };
}

}  // namespace mosaic::actors
