#include "shard/page_merge.hpp"

#include <gtest/gtest.h>

namespace mosaic::shard {
namespace {

StoredDocument on_page(std::string id) {
  StoredDocument document;
  document.document.id = std::move(id);
  return document;
}

Page page(std::vector<std::string> ids, bool more) {
  Page made;
  for (auto& id : ids) made.documents.push_back(on_page(std::move(id)));
  made.more = more;
  return made;
}

std::vector<std::string> ids_of(const MergedPage& merged) {
  std::vector<std::string> ids;
  for (const auto& document : merged.documents) ids.push_back(document.document.id);
  return ids;
}

TEST(MergePages, OrdersByIdAndStopsAtTheLimit) {
  const auto merged = merge_pages({page({"a", "d"}, false), page({"b", "c"}, false)}, 3);
  EXPECT_EQ(ids_of(merged), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(merged.more);
}

TEST(MergePages, NeverGoesPastTheEndOfAPageThatHasMore) {
  const auto merged = merge_pages({page({"a", "b"}, true), page({"c", "z"}, false)}, 10);
  EXPECT_EQ(ids_of(merged), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(merged.more);
}

TEST(MergePages, TheLastPageHasNoMore) {
  EXPECT_FALSE(merge_pages({page({"a"}, false), page({}, false)}, 10).more);
}

}  // namespace
}  // namespace mosaic::shard
