#include "cli/byte_size.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace mosaic::cli {
namespace {

TEST(ByteSize, IsANumberOfBytesOrOfAUnit) {
  EXPECT_EQ(parse_byte_size("0"), 0U);
  EXPECT_EQ(parse_byte_size("268435456"), 268'435'456U);
  EXPECT_EQ(parse_byte_size("1KiB"), 1'024U);
  EXPECT_EQ(parse_byte_size("256MiB"), 268'435'456U);
  EXPECT_EQ(parse_byte_size("2GiB"), std::uint64_t{2} << 30);
  EXPECT_EQ(parse_byte_size("3TiB"), std::uint64_t{3} << 40);
  EXPECT_EQ(parse_byte_size("1KB"), 1'000U);
  EXPECT_EQ(parse_byte_size("5MB"), 5'000'000U);
  EXPECT_EQ(parse_byte_size("2GB"), 2'000'000'000U);
  EXPECT_EQ(parse_byte_size("1TB"), 1'000'000'000'000U);
}

TEST(ByteSize, IsReadStrictly) {
  for (const auto* text : {"", "MiB", "1 MiB", " 1", "1 ", "-1", "+1", "1.5GiB", "1mib", "1M", "1k",
                           "1MiBs", "0x10", "1e3"}) {
    EXPECT_EQ(parse_byte_size(text), std::nullopt) << text;
  }
}

TEST(ByteSize, HasSixtyFourBits) {
  EXPECT_EQ(parse_byte_size("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_byte_size("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_byte_size("16777215TiB"), std::uint64_t{16'777'215} << 40);
  EXPECT_EQ(parse_byte_size("16777216TiB"), std::nullopt);
}

}  // namespace
}  // namespace mosaic::cli
