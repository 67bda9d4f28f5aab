#include "shard/shard_searcher.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "query/merge.hpp"
#include "shard/arms.hpp"
#include "shard/document_size.hpp"
#include "shard/index_file.hpp"
#include "shard/session.hpp"

namespace mosaic::shard {
namespace {

constexpr std::size_t kListBatch = 1'000;

}  // namespace

ShardSearcher::ShardSearcher(ShardId shard, Metric metric, std::shared_ptr<ViewShelf> views,
                             std::shared_ptr<query::FilterCache> filters,
                             std::filesystem::path path, DamageListener on_damage)
    : shard_(shard),
      metric_(metric),
      views_(std::move(views)),
      filters_(std::move(filters)),
      path_(std::move(path)),
      on_damage_(std::move(on_damage)) {}

/// From the newest view, like fetch(), where no state of the past is asked for: that of the search
/// may have no reader left by now.
void ShardSearcher::load_documents(ShardCandidates& found, const ShardQuery& query, const At& at,
                                   Session& session) const {
  auto& arm = query.vector_arm ? found.vector_arm : found.text_arm;
  // The order of distances may differ from that of scores, where these round.
  query::keep_best(arm, arm.size());
  std::optional<Session> newest;
  if (!at.past) newest.emplace(*views_, 0, session.deadline());
  auto& from = newest ? *newest : session;
  found.space = from.view().space.seq;
  std::size_t bytes = 0;
  for (const auto& candidate : arm) {
    if (found.stored.size() == query.documents_max || bytes >= kAlongBytesMax) break;
    found.stored.push_back(load(from, candidate.row, *query.documents));
    bytes += size_of(found.stored.back().document);
  }
}

StoredDocument ShardSearcher::load(Session& session, Row row, const Include& include) const {
  auto stored = session.reader().load(row, include, session.past());
  stored.shard = shard_;
  return stored;
}

Result<storage::TextStats> ShardSearcher::text_stats(Seq cut, const std::string& text,
                                                     Deadline deadline) {
  return to_result([&] {
    Session session(*views_, cut, deadline);
    return session.reader().text().stats(terms_of(session.reader(), text), deadline);
  });
}

Result<ShardCandidates> ShardSearcher::search(At at, const ShardQuery& query, Deadline deadline) {
  return to_result([&] {
    Session session(*views_, at, deadline);
    const auto space = session.view().space.seq;
    if (!query.vector.empty() && query.space != space) return ShardCandidates{.space = space};
    const auto allowed = session.allowed(*filters_, query.filter, query.where);
    Arms arms(shard_, metric_, session, query, allowed.get());
    ShardCandidates found{
        .seq = session.seq(), .documents = session.view().counts.documents, .space = space};
    if (query.vector_arm && !query.vector.empty()) {
      auto arm = arms.by_vector();
      found.vector_arm = std::move(arm.candidates);
      found.plan = std::move(arm.plan);
    }
    if (!query.text.empty()) {
      auto arm = arms.by_text();
      found.text_arm = std::move(arm.candidates);
      found.full_text_score = arm.full_score;
    }
    if (query.documents) load_documents(found, query, at, session);
    if (arms.damage() && on_damage_) on_damage_(session.view().vectors.graph(), *arms.damage());
    return found;
  });
}

Result<FoundDocuments> ShardSearcher::fetch(const std::vector<Row>& rows, const Include& include,
                                            Deadline deadline, Seq as_of) {
  return to_result([&] {
    Session session(*views_, as_of == 0 ? At() : At::past_state(as_of), deadline);
    FoundDocuments found{{}, session.view().space.seq};
    for (const auto row : rows) found.documents.push_back(load(session, row, include));
    return found;
  });
}

Result<FoundDocuments> ShardSearcher::get(At at, const std::string& id, const Include& include,
                                          Deadline deadline) {
  return to_result([&] {
    Session session(*views_, at, deadline);
    FoundDocuments found{{}, session.view().space.seq};
    if (const auto row = session.find(id)) found.documents.push_back(load(session, *row, include));
    return found;
  });
}

Result<Page> ShardSearcher::list(At at, const ListRequest& request, const std::string& after,
                                 Deadline deadline) {
  return to_result([&] {
    Session session(*views_, at, deadline);
    const auto allowed = session.allowed(*filters_, request.filter, "");
    const Include include =
        request.ids_only ? Include{false, false, false, false, false} : request.include;
    Page page;
    std::size_t bytes = 0;
    for (auto position = after;;) {
      const auto batch = session.list_after(position, kListBatch);
      for (const auto& [row, id] : batch) {
        if (allowed && !allowed->contains(row)) continue;
        if (page.documents.size() == request.limit || bytes >= kPageBytesMax) {
          page.more = true;
          return page;
        }
        page.documents.push_back(load(session, row, include));
        bytes += size_of(page.documents.back().document);
      }
      if (batch.size() < kListBatch) return page;
      position = batch.back().second;
    }
  });
}

Result<std::vector<Deletion>> ShardSearcher::matches(Seq cut, const std::string& filter,
                                                     const std::string& where, Deadline deadline) {
  return to_result([&] {
    Session session(*views_, cut, deadline);
    const auto rows = session.reader().live_among(*session.allowed(*filters_, filter, where));
    if (const auto count = rows.count(); count > kMatchesMax) {
      throw Failure(
          ErrorCode::kPayloadTooLarge,
          fmt::format("{} documents match, at most {} can be deleted at once", count, kMatchesMax));
    }
    std::vector<Deletion> deletions;
    rows.for_each([&](Row row) {
      deletions.push_back({session.reader().id_of(row), session.reader().seq_of(row)});
    });
    return deletions;
  });
}

Result<GraphPage> ShardSearcher::graph_page(Seq as_of, const GraphPosition& after,
                                            Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
    if (session.view().seq < as_of) {
      throw Failure(ErrorCode::kUnavailable,
                    fmt::format("the shard stands at seq {} and cannot tell its links as of {}",
                                session.view().seq, as_of));
    }
    if (const auto purged = session.reader().past().purged(); purged > as_of) {
      throw Failure(ErrorCode::kUnavailable,
                    fmt::format("what ended up to seq {} has been purged: the shard cannot tell "
                                "its links as of {} any more",
                                purged, as_of));
    }
    auto& graph = session.reader().graph();
    GraphPage page;
    const auto documents =
        graph.documents(as_of, after.row, kGraphPageMax,
                        [&](std::string_view id) { page.documents.emplace_back(id); });
    const auto keep = [&](const storage::EdgeFields& edge) {
      page.edges.push_back({std::string(edge.source), std::string(edge.target), edge.weight});
    };
    const auto edges = graph.edges(as_of, after.edge, kGraphPageMax - documents.looked_at, keep);
    page.next = {documents.last, edges.last};
    page.more = documents.looked_at + edges.looked_at == kGraphPageMax;
    return page;
  });
}

Result<SamplePage> ShardSearcher::sample(Row after, std::uint64_t seed, std::uint64_t lot_max,
                                         Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
    return sample_page(session, after, seed, lot_max);
  });
}

Result<MovePage> ShardSearcher::misplaced(Row after,
                                          const std::shared_ptr<const Centroids>& centroids,
                                          Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
    return move_page(session, shard_, metric_, after, centroids);
  });
}

Result<UnstagedPage> ShardSearcher::unstaged(Seq generation, Row after, std::size_t versions_max,
                                             Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
    return unstaged_page(session, generation, after, versions_max);
  });
}

Result<DocumentCount> ShardSearcher::count(Seq cut, const std::vector<std::string>& ids,
                                           Deadline deadline) {
  return to_result([&] {
    Session session(*views_, cut, deadline);
    DocumentCount count{session.view().counts.documents, 0, session.view().seq};
    for (const auto& id : ids) count.existing += session.reader().find_live(id).has_value();
    return count;
  });
}

Result<Seq> ShardSearcher::resolve(const AsOf& as_of, Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
    return or_throw(session.reader().past().resolve(as_of));
  });
}

Result<std::uint64_t> ShardSearcher::purgeable(std::int64_t time_ms, std::uint64_t limit,
                                               Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
    return session.reader().past().purgeable(time_ms, limit);
  });
}

Result<ShardInfo> ShardSearcher::info(Seq cut) {
  return to_result([&] {
    const auto view = views_->take(cut);
    ShardInfo info;
    info.id = shard_;
    info.state = ShardState::kUp;
    info.documents = view->counts.documents;
    // Every live document is answered for: with a vector by the scan, without one by having none.
    info.indexed = view->counts.documents;
    info.edges = view->counts.edges;
    info.bytes = shard_bytes_on_disk(path_);
    info.seq = view->seq;
    return info;
  });
}

Result<std::shared_ptr<KeptReader>> ShardSearcher::kept(const std::string& name, Seq seq) {
  return to_result([&] { return std::make_shared<KeptReader>(views_, name, seq); });
}

}  // namespace mosaic::shard
