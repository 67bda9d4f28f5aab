#include "replication/introduction.hpp"

#include <gtest/gtest.h>

namespace mosaic::replication {
namespace {

std::string number(std::uint64_t value) {
  std::string bytes(8, '\0');
  for (auto& byte : bytes) {
    byte = static_cast<char>(value);
    value >>= 8;
  }
  return bytes;
}

TEST(Introduction, IsTakenAsItWasMade) {
  auto bytes = encode_introduction({7, "127.0.0.1:4042"}) + "more";
  const auto taken = take_introduction(bytes);
  ASSERT_TRUE(taken.ok() && *taken);
  EXPECT_EQ((*taken)->id, 7U);
  EXPECT_EQ((*taken)->address, "127.0.0.1:4042");
  EXPECT_EQ(bytes, "more");
}

TEST(Introduction, IsWrittenInTheWordsOfLibraft) {
  EXPECT_EQ(encode_introduction({258, "1.2.3.4:5"}),
            number(1) + number(258) + number(16) + "1.2.3.4:5" + std::string(7, '\0'));
  // A zero follows an address that would fill its words.
  EXPECT_EQ(encode_introduction({1, "1.2.3.45"}),
            number(1) + number(1) + number(16) + "1.2.3.45" + std::string(8, '\0'));
}

TEST(Introduction, IsAwaitedAsAWhole) {
  const auto whole = encode_introduction({7, "127.0.0.1:4042"});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto bytes = whole.substr(0, size);
    const auto taken = take_introduction(bytes);
    ASSERT_TRUE(taken.ok()) << size;
    EXPECT_FALSE(*taken) << size;
    EXPECT_EQ(bytes.size(), size);
  }
}

TEST(Introduction, IsRefusedByItsHeadAlone) {
  for (const auto& head : {number(2) + number(7) + number(16),   // version
                           number(1) + number(0) + number(16),   // id
                           number(1) + number(7) + number(0),    // no address
                           number(1) + number(7) + number(513),  // a long one
                           number(1) + number(7) + number(1ULL << 62)}) {
    auto bytes = head;
    const auto taken = take_introduction(bytes);
    ASSERT_FALSE(taken.ok());
    EXPECT_EQ(taken.error().code, ErrorCode::kCorruptData);
  }
}

TEST(Introduction, MayHaveAnAddressAsLongAsAllowed) {
  auto bytes = encode_introduction({7, std::string(kIntroducedAddressBytesMax - 1, 'a')});
  EXPECT_TRUE(take_introduction(bytes).ok());
  bytes = encode_introduction({7, std::string(kIntroducedAddressBytesMax, 'a')});
  EXPECT_FALSE(take_introduction(bytes).ok());
}

TEST(Introduction, NeedsAnEndOfItsAddress) {
  auto bytes = number(1) + number(7) + number(8) + "12345678";
  EXPECT_FALSE(take_introduction(bytes).ok());
}

TEST(Welcome, IsTakenAsItWasMade) {
  auto bytes = encode_welcome().substr(0, 7);
  EXPECT_FALSE(take_welcome(bytes).value());
  bytes = encode_welcome() + "more";
  EXPECT_TRUE(take_welcome(bytes).value());
  EXPECT_EQ(bytes, "more");
  bytes = "rubbish!";
  EXPECT_FALSE(take_welcome(bytes).ok());
}

}  // namespace
}  // namespace mosaic::replication
