#include "shard/placement_pages.hpp"

#include "base/checksum.hpp"
#include "routing/placement.hpp"
#include "shard/document_size.hpp"
#include "shard/session.hpp"

namespace mosaic::shard {
namespace {

constexpr Include kAll{.vector = true, .links = true};

}  // namespace

SamplePage sample_page(Session& session, Row after, std::uint64_t seed, std::uint64_t lot_max) {
  auto& reader = session.reader();
  const auto live = reader.live_after(after, kPlacementRowsMax);
  SamplePage page{{}, after, live.size() == kPlacementRowsMax};
  for (const auto& [row, id] : live) {
    page.next = row;
    const auto lot = checksum(id, seed);
    if (lot > lot_max) continue;
    if (auto vector = reader.vector_of(row); !vector.empty())
      page.drawn.push_back({lot, std::move(vector)});
  }
  return page;
}

MovePage move_page(Session& session, ShardId here, Metric metric, Row after,
                   const std::shared_ptr<const Centroids>& centroids) {
  CollectionSettings settings;
  settings.metric = metric;
  settings.shards = static_cast<std::uint32_t>(centroids->vectors.size());
  const routing::Placement placement(settings, centroids);
  auto& reader = session.reader();
  const auto live = reader.live_after(after, kPlacementRowsMax);
  MovePage page{{}, 0, after, live.size() == kPlacementRowsMax};
  page.move.read_at = session.view().seq;
  std::size_t bytes = 0;
  for (const auto& [row, id] : live) {
    if (bytes >= kMoveBytesMax || page.move.documents.size() == kMoveDocumentsMax) {
      page.more = true;
      break;
    }
    page.next = row;
    ++page.looked_at;
    const auto home = placement.home(id, reader.vector_of(row));
    if (home == here) continue;
    auto stored = reader.load(row, kAll);
    bytes += size_of(stored.document);
    page.move.homes.push_back(home);
    page.move.written.push_back(stored.seq);
    page.move.documents.push_back(std::move(stored.document));
  }
  return page;
}

}  // namespace mosaic::shard
