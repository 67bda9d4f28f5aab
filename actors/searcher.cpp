#include "actors/searcher.hpp"

#include "actors/exceptions.hpp"

namespace mosaic::actors {
namespace {

using metrics::Question;
using searcher_pointer = searcher_actor::stateful_pointer<searcher_state>;

/// Stale work is dropped before it is begun: nobody waits for the answer any more.
bool stale(searcher_pointer self, Deadline deadline) {
  return deadline.passed(self->clock().now());
}

/// `question`: nothing for one whose time nobody wants to know.
template <class Reply, class Work>
caf::result<Reply> serve(searcher_pointer self, std::optional<Question> question, Deadline deadline,
                         Work work) {
  auto& state = self->state;
  if (state.faults.swallow()) return self->make_response_promise<Reply>();
  if (stale(self, deadline)) {
    return to_caf(
        Error{ErrorCode::kDeadlineExceeded, "the deadline passed while the request waited"});
  }
  const metrics::Stopwatch watch;
  auto result = work(*state.searcher);
  if (question) state.metrics->search.answered(*question, watch.passed());
  if (question == Question::kSearch) state.meter->searches.add(watch.passed());
  return to_caf(std::move(result));
}

shard::At state_at(Seq cut, Seq as_of) {
  return as_of == 0 ? shard::At(cut) : shard::At::past_state(as_of);
}

Result<matches_reply> as_reply(Result<std::vector<Deletion>> deletions) {
  if (!deletions) return deletions.error();
  return matches_reply{std::move(*deletions)};
}

caf::result<shard::UnstagedPage> unstaged(searcher_pointer self, const unstaged_request& r) {
  return serve<shard::UnstagedPage>(self, std::nullopt, r.deadline, [&](auto& shard) {
    return shard.unstaged(r.generation, r.after, r.versions_max, r.deadline);
  });
}

caf::result<kept_reader_ptr> kept(searcher_pointer self, const std::string& name, Seq seq) {
  return serve<kept_reader_ptr>(self, std::nullopt, {},
                                [&](auto& shard) { return shard.kept(name, seq); });
}

caf::result<Seq> resolve(searcher_pointer self, const resolve_request& r) {
  return serve<Seq>(self, std::nullopt, r.deadline,
                    [&](auto& shard) { return shard.resolve(r.as_of, r.deadline); });
}

caf::result<std::uint64_t> purgeable(searcher_pointer self, const purgeable_request& r) {
  return serve<std::uint64_t>(self, std::nullopt, r.deadline, [&](auto& shard) {
    return shard.purgeable(r.time_ms, r.limit, r.deadline);
  });
}

}  // namespace

searcher_actor::behavior_type searcher(searcher_actor::stateful_pointer<searcher_state> self,
                                       std::shared_ptr<shard::ShardSearcher> searcher,
                                       metrics::NodeMetricsPtr metrics,
                                       metrics::ShardMeterPtr meter) {
  die_with_reason(self);
  self->state.searcher = std::move(searcher);
  self->state.metrics = std::move(metrics);
  self->state.meter = std::move(meter);
  return {
      [=](text_stats_atom, const text_stats_request& r) {
        return serve<storage::TextStats>(self, Question::kTextStats, r.deadline, [&](auto& shard) {
          return shard.text_stats(r.cut, r.text, r.deadline);
        });
      },
      [=](search_atom, const shard_search_request& r) {
        return serve<shard::ShardCandidates>(self, Question::kSearch, r.deadline, [&](auto& shard) {
          return shard.search(state_at(r.cut, r.as_of), r.query, r.deadline);
        });
      },
      [=](fetch_atom, const fetch_request& r) {
        return serve<shard::FoundDocuments>(self, Question::kFetch, r.deadline, [&](auto& shard) {
          return shard.fetch(r.rows, r.include, r.deadline, r.as_of);
        });
      },
      [=](read_atom, const shard_get_request& r) {
        return serve<shard::FoundDocuments>(self, Question::kGet, r.deadline, [&](auto& shard) {
          return shard.get(state_at(r.cut, r.as_of), r.id, r.include, r.deadline);
        });
      },
      [=](list_atom, const shard_list_request& r) {
        return serve<shard::Page>(self, Question::kList, r.deadline, [&](auto& shard) {
          return shard.list(state_at(r.cut, r.as_of), r.list, r.after, r.deadline);
        });
      },
      [=](match_atom, const matches_request& r) {
        return serve<matches_reply>(self, Question::kMatch, r.deadline, [&](auto& shard) {
          return as_reply(shard.matches(r.cut, r.filter, r.where, r.deadline));
        });
      },
      [=](graph_atom, const graph_request& r) {
        return serve<shard::GraphPage>(self, Question::kGraph, r.deadline, [&](auto& shard) {
          return shard.graph_page(r.as_of, r.after, r.deadline);
        });
      },
      [=](count_atom, const count_request& r) {
        return serve<shard::DocumentCount>(self, std::nullopt, r.deadline, [&](auto& shard) {
          return shard.count(r.cut, r.ids, r.deadline);
        });
      },
      [=](sample_atom, const sample_request& r) {
        return serve<shard::SamplePage>(self, std::nullopt, r.deadline, [&](auto& shard) {
          return shard.sample(r.after, r.seed, r.lot_max, r.deadline);
        });
      },
      [=](move_atom, const misplaced_request& r) {
        return serve<shard::MovePage>(self, std::nullopt, r.deadline, [&](auto& shard) {
          return shard.misplaced(r.after, r.centroids, r.deadline);
        });
      },
      [=](stage_atom, const unstaged_request& r) { return unstaged(self, r); },
      [=](resolve_atom, const resolve_request& r) { return resolve(self, r); },
      [=](purge_atom, const purgeable_request& r) { return purgeable(self, r); },
      [=](info_atom, const info_request& r) {
        return serve<ShardInfo>(self, std::nullopt, {},
                                [&](auto& shard) { return shard.info(r.cut); });
      },
      [=](snapshot_atom, const std::string& name, Seq seq) { return kept(self, name, seq); },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
