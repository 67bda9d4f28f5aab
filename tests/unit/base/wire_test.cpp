#include "base/wire.hpp"

#include <gtest/gtest.h>

#include "base/domain_wire.hpp"
#include "base/entry.hpp"

namespace mosaic {
namespace {

WriteBatch sample() {
  Document document{"a", std::nullopt, "text", {1, -2.5F}, R"({"x":1})", {{"b", "kind", 2}}};
  return {{document}, {{"gone", 7}}};
}

TEST(Wire, ReadsBackWhatItWrote) {
  const auto batch = decode_write(encode_write(sample()));
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->documents, sample().documents);
  EXPECT_EQ(batch->deletions.at(0).expected, 7U);
}

TEST(Wire, ReadsBackSettings) {
  CollectionSettings settings;
  settings.name = "docs";
  settings.indexed = {"a.b", "c"};
  EXPECT_EQ(*decode_settings(encode_settings(settings)), settings);
}

TEST(Wire, RefusesEveryTruncation) {
  const auto bytes = encode_write(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_write(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_write(bytes + "x"));
}

TEST(Wire, ReadsBackPageRankValues) {
  const auto values = decode_pagerank(encode_pagerank({12, {"a", "b"}, {0.25, 0.75}}));
  ASSERT_TRUE(values);
  EXPECT_EQ(values->cut, 12U);
  EXPECT_EQ(values->ids, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(values->values, (std::vector<double>{0.25, 0.75}));
  EXPECT_TRUE(decode_pagerank(encode_pagerank({1, {}, {}})));
}

TEST(Wire, RefusesDamagedPageRankValues) {
  const auto bytes = encode_pagerank({12, {"a", "b"}, {0.25, 0.75}});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_pagerank(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode_pagerank(bytes + "x"));
  EXPECT_FALSE(decode_pagerank(encode_write(sample())));
  EXPECT_EQ(decode_pagerank(encode_pagerank({12, {"a", "b"}, {1}})).error().code,
            ErrorCode::kCorruptData);
}

TEST(Wire, RefusesALengthThatCannotBe) {
  std::string bytes = encode_write(sample());
  bytes[1] = '\xff';
  bytes[4] = '\x7f';
  EXPECT_EQ(decode_write(bytes).error().code, ErrorCode::kCorruptData);
}

TEST(Wire, NamesAVersionFromTheFuture) {
  auto bytes = encode_write(sample());
  bytes[0] = 9;
  EXPECT_NE(decode_write(bytes).error().detail.find("version 9"), std::string::npos);
}

}  // namespace
}  // namespace mosaic
