#include "shard/unstaged_page.hpp"

#include <fmt/format.h>

#include "shard/session.hpp"

namespace mosaic::shard {
namespace {

constexpr Include kTexts{.metadata = false};

UnstagedPage::Version version_of(StoredDocument stored) {
  auto& document = stored.document;
  return {std::move(document.id), stored.seq, document.title.value_or(""),
          document.text.value_or("")};
}

}  // namespace

UnstagedPage unstaged_page(Session& session, Seq generation, Row after, std::size_t versions_max) {
  const auto& view = session.view();
  if (view.space.staging != generation) {
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("the shard stages vectors of generation {}, not {}",
                              view.space.staging, generation));
  }
  auto& reader = session.reader();
  const auto live = reader.live_after(after, kUnstagedRowsMax);
  UnstagedPage page{view.seq, view.space, view.counts.documents, {}, after, false};
  page.more = live.size() == kUnstagedRowsMax;
  std::size_t bytes = 0;
  for (const auto& [row, id] : live) {
    if (page.versions.size() == versions_max || bytes >= kUnstagedBytesMax) {
      page.more = true;
      break;
    }
    page.next = row;
    if (reader.is_staged(row)) continue;
    page.versions.push_back(version_of(reader.load(row, kTexts)));
    bytes += page.versions.back().title.size() + page.versions.back().text.size();
  }
  return page;
}

}  // namespace mosaic::shard
