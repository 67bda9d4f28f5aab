#include "shard/shard_searcher.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "shard/arms.hpp"
#include "shard/session.hpp"

namespace mosaic::shard {
namespace {

constexpr std::size_t kListBatch = 1'000;

std::size_t size_of(const StoredDocument& stored) {
  const auto& document = stored.document;
  return document.id.size() + document.title.value_or("").size() +
         document.text.value_or("").size() + document.metadata.size() +
         document.vector.size() * sizeof(float);
}

std::uint64_t size_or_zero(const std::filesystem::path& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  return missing ? 0 : size;
}

}  // namespace

ShardSearcher::ShardSearcher(ShardId shard, Metric metric, std::shared_ptr<ViewShelf> views,
                             std::shared_ptr<query::FilterCache> filters,
                             std::filesystem::path path)
    : shard_(shard),
      metric_(metric),
      views_(std::move(views)),
      filters_(std::move(filters)),
      path_(std::move(path)) {}

Result<storage::TextStats> ShardSearcher::text_stats(Seq cut, const std::string& text,
                                                     Deadline deadline) {
  return to_result([&] {
    Session session(*views_, cut, deadline);
    return session.reader().text().stats(terms_of(session.reader(), text), deadline);
  });
}

Result<ShardCandidates> ShardSearcher::search(Seq cut, const ShardQuery& query, Deadline deadline) {
  return to_result([&] {
    Session session(*views_, cut, deadline);
    const auto allowed = session.allowed(*filters_, query.filter, query.where);
    Arms arms(shard_, metric_, session, query, allowed.get());
    ShardCandidates found{session.view().seq, session.view().counts.documents, {}, {}};
    if (query.vector_arm && !query.vector.empty()) found.vector_arm = arms.by_vector();
    if (!query.text.empty()) found.text_arm = arms.by_text();
    return found;
  });
}

Result<std::vector<StoredDocument>> ShardSearcher::fetch(const std::vector<Row>& rows,
                                                         const Include& include,
                                                         Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
    std::vector<StoredDocument> documents;
    for (const auto row : rows) {
      documents.push_back(session.reader().load(row, include));
      documents.back().shard = shard_;
    }
    return documents;
  });
}

Result<std::optional<StoredDocument>> ShardSearcher::get(const std::string& id,
                                                         const Include& include,
                                                         Deadline deadline) {
  return to_result([&]() -> std::optional<StoredDocument> {
    Session session(*views_, 0, deadline);
    const auto row = session.reader().find_live(id);
    if (!row) return std::nullopt;
    auto stored = session.reader().load(*row, include);
    stored.shard = shard_;
    return stored;
  });
}

Result<Page> ShardSearcher::list(const ListRequest& request, const std::string& after,
                                 Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
    const auto allowed = session.allowed(*filters_, request.filter, "");
    const Include include =
        request.ids_only ? Include{false, false, false, false, false} : request.include;
    Page page;
    std::size_t bytes = 0;
    for (auto position = after;;) {
      const auto batch = session.reader().list_after(position, kListBatch);
      for (const auto& [row, id] : batch) {
        if (allowed && !allowed->contains(row)) continue;
        if (page.documents.size() == request.limit || bytes >= kPageBytesMax) {
          page.more = true;
          return page;
        }
        page.documents.push_back(session.reader().load(row, include));
        page.documents.back().shard = shard_;
        bytes += size_of(page.documents.back());
      }
      if (batch.size() < kListBatch) return page;
      position = batch.back().second;
    }
  });
}

Result<std::vector<Deletion>> ShardSearcher::matches(const std::string& filter,
                                                     const std::string& where, Deadline deadline) {
  return to_result([&] {
    Session session(*views_, 0, deadline);
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

Result<ShardInfo> ShardSearcher::info() {
  return to_result([&] {
    const auto view = views_->take(0);
    ShardInfo info;
    info.id = shard_;
    info.state = ShardState::kUp;
    info.documents = view->counts.documents;
    // Every live document is answered for: with a vector by the scan, without one by having none.
    info.indexed = view->counts.documents;
    info.edges = view->counts.edges;
    info.bytes = size_or_zero(path_) + size_or_zero(path_.string() + "-wal");
    info.seq = view->seq;
    return info;
  });
}

}  // namespace mosaic::shard
