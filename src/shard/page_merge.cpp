#include "shard/page_merge.hpp"

#include <algorithm>

namespace mosaic::shard {

MergedPage merge_pages(std::vector<Page> pages, std::size_t limit) {
  MergedPage merged;
  // Past the last document of a page that has more, another shard's documents may be ahead of
  // unseen ones.
  const std::string* frontier = nullptr;
  for (const auto& page : pages) {
    if (!page.more) continue;
    merged.more = true;
    if (page.documents.empty()) continue;
    const auto& last = page.documents.back().document.id;
    if (frontier == nullptr || last < *frontier) frontier = &last;
  }
  const std::string end = frontier == nullptr ? std::string() : *frontier;
  for (auto& page : pages) {
    for (auto& stored : page.documents) {
      if (frontier != nullptr && stored.document.id > end) {
        merged.more = true;
        break;
      }
      merged.documents.push_back(std::move(stored));
    }
  }
  std::sort(merged.documents.begin(), merged.documents.end(),
            [](const StoredDocument& a, const StoredDocument& b) {
              return a.document.id < b.document.id;
            });
  if (merged.documents.size() > limit) {
    merged.documents.resize(limit);
    merged.more = true;
  }
  return merged;
}

}  // namespace mosaic::shard
