#include "shard/cursor.hpp"

#include <gtest/gtest.h>

namespace mosaic::shard {
namespace {

TEST(Cursor, ComesBackAsTheIdItWasMadeOf) {
  for (const std::string id : {"a", "päckchen/1", "\xf0\x9f\x90\x98"})
    EXPECT_EQ(*decode_cursor(encode_cursor({id, 0})), (Cursor{id, 0}));
  EXPECT_EQ(*decode_cursor(""), (Cursor{"", 0}));
}

TEST(Cursor, OfAStateOfThePastSaysWhichOne) {
  EXPECT_EQ(*decode_cursor(encode_cursor({"päckchen/1", 812})), (Cursor{"päckchen/1", 812}));
}

TEST(Cursor, RefusesWhatNoListGave) {
  for (const auto* bad :
       {"zz", "abc", "61 6", ".61", "0.61", "-1.61", "x.61", "5.zz", "5.6", "1.2.61"})
    EXPECT_EQ(decode_cursor(bad).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace mosaic::shard
