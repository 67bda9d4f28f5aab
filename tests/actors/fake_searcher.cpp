#include "fake_searcher.hpp"

#include "actors/exceptions.hpp"

namespace mosaic::actors {
namespace {

using fake_searcher_pointer = searcher_actor::pointer;

template <class Reply, class Make>
caf::result<Reply> play(fake_searcher_pointer self, fake_shard* shard, const std::string& question,
                        Make make) {
  ++shard->asked[question];
  using Mode = fake_shard::Mode;
  const bool concerned = shard->only.empty() || shard->only.contains(question);
  const auto mode = concerned ? shard->mode : Mode::kAnswer;
  if (mode == Mode::kHang) return self->make_response_promise<Reply>();
  if (mode == Mode::kFail) return to_caf(shard->error);
  if (mode == Mode::kCrash) throw Failure(shard->error);
  return to_caf(Result<Reply>(make()));
}

Result<shard::ShardCandidates> fake_candidates(fake_shard& shard,
                                               const shard_search_request& request) {
  if (shard.moves_on) ++shard.seq;
  if (request.cut != 0 && request.cut != shard.seq)
    return Error{ErrorCode::kUnavailable, "this cut is not at hand"};
  shard::ShardCandidates found{shard.seq, shard.documents.size(), {}, {}};
  found.space = shard.space;
  if (!request.query.vector.empty() && request.query.space != shard.space) return found;
  if (request.query.vector_arm)
    found.plan = VectorPlan{.way = "scan", .reason = "a fake", .codes = {}};
  for (std::size_t row = 0; row < shard.documents.size(); ++row) {
    query::Candidate candidate;
    candidate.shard = shard.id;
    candidate.row = row;
    candidate.id = shard.documents[row].id;
    candidate.score = 1.0 / static_cast<double>(row + 1);
    const bool seen = request.query.exact || !shard.unseen.contains(candidate.id);
    if (request.query.vector_arm && !request.query.vector.empty() && seen) {
      candidate.vector_score = candidate.score;
      candidate.distance = 1 - candidate.score;
      found.vector_arm.push_back(candidate);
    }
    candidate.vector_score.reset();
    candidate.distance.reset();
    if (!request.query.text.empty()) {
      candidate.text_score = candidate.score;
      found.text_arm.push_back(candidate);
    }
    const bool listed = !request.query.vector_arm || seen;
    if (request.query.documents && found.stored.size() < request.query.documents_max && listed)
      found.stored.push_back({shard.documents[row], 1, {}, shard.id});
  }
  return found;
}

shard::FoundDocuments fake_documents(const fake_shard& shard, const fetch_request& request) {
  shard::FoundDocuments reply{{}, shard.space};
  for (const auto row : request.rows)
    reply.documents.push_back({shard.documents.at(row), 1, {}, shard.id});
  return reply;
}

shard::FoundDocuments fake_document(const fake_shard& shard, const std::string& id) {
  shard::FoundDocuments reply{{}, shard.space};
  for (const auto& document : shard.documents) {
    if (document.id == id) reply.documents.push_back({document, 1, {}, shard.id});
  }
  return reply;
}

}  // namespace

searcher_actor::behavior_type fake_searcher(fake_searcher_pointer self, fake_shard* shard) {
  die_with_reason(self);
  return {
      [=](text_stats_atom, const text_stats_request&) {
        return play<storage::TextStats>(self, shard, "text_stats", [=] {
          shard->before_stats();
          return storage::TextStats{shard->documents.size(), shard->documents.size(), {1}};
        });
      },
      [=](search_atom, const shard_search_request& r) {
        shard->as_of.push_back(r.as_of);
        return play<shard::ShardCandidates>(self, shard, r.query.exact ? "exact" : "search",
                                            [&] { return fake_candidates(*shard, r); });
      },
      [=](fetch_atom, const fetch_request& r) {
        shard->as_of.push_back(r.as_of);
        return play<shard::FoundDocuments>(self, shard, "fetch",
                                           [&] { return fake_documents(*shard, r); });
      },
      [=](read_atom, const shard_get_request& r) {
        shard->as_of.push_back(r.as_of);
        return play<shard::FoundDocuments>(self, shard, "read",
                                           [&] { return fake_document(*shard, r.id); });
      },
      [=](list_atom, const shard_list_request&) {
        return play<shard::Page>(self, shard, "list", [] { return shard::Page{}; });
      },
      [=](match_atom, const matches_request&) {
        return play<matches_reply>(self, shard, "match", [] { return matches_reply{}; });
      },
      [=](graph_atom, const graph_request&) {
        return play<shard::GraphPage>(self, shard, "graph", [] { return shard::GraphPage{}; });
      },
      [=](count_atom, const count_request&) {
        return play<shard::DocumentCount>(self, shard, "count", [=] {
          return shard::DocumentCount{shard->documents.size(), 0, shard->seq};
        });
      },
      [](sample_atom, const sample_request&) { return shard::SamplePage{}; },
      [](move_atom, const misplaced_request&) { return shard::MovePage{}; },
      [=](resolve_atom, const resolve_request& r) {
        return play<Seq>(self, shard, "resolve", [&] { return shard->resolve(r.as_of); });
      },
      [=](purge_atom, const purgeable_request&) {
        return play<std::uint64_t>(self, shard, "purgeable", [=] { return shard->purgeable; });
      },
      [](stage_atom, const unstaged_request&) { return shard::UnstagedPage{}; },
      [=](info_atom, const info_request&) {
        return play<ShardInfo>(self, shard, "info", [=] {
          ShardInfo info;
          info.id = shard->id;
          info.documents = shard->documents.size();
          info.state = ShardState::kUp;
          return info;
        });
      },
      [](snapshot_atom, const std::string&, Seq) { return kept_reader_ptr(); },
      [](fault_atom, const FaultRequest&) {},
  };
}

}  // namespace mosaic::actors
