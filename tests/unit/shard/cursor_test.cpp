#include "shard/cursor.hpp"

#include <gtest/gtest.h>

namespace mosaic::shard {
namespace {

TEST(Cursor, ComesBackAsTheIdItWasMadeOf) {
  for (const std::string id : {"a", "päckchen/1", "\xf0\x9f\x90\x98"})
    EXPECT_EQ(*decode_cursor(encode_cursor(id)), id);
  EXPECT_EQ(*decode_cursor(""), "");
}

TEST(Cursor, RefusesWhatNoListGave) {
  for (const auto* bad : {"zz", "abc", "61 6"})
    EXPECT_EQ(decode_cursor(bad).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace mosaic::shard
