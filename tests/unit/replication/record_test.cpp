#include "replication/record.hpp"

#include <gtest/gtest.h>

#include "base/checksum.hpp"

namespace mosaic::replication {
namespace {

std::string encoded(const Record& record) {
  std::string bytes(record_bytes(record.body.size()), '?');
  write_record(record, bytes.data());
  return bytes;
}

const Record kRecord{{7}, EntryKind::kPageRank, 1'700'000'000'000, {1, 2, 60}, 9, "a body", 3, 4,
                     true};

TEST(Record, ComesBackAsItWas) {
  const auto bytes = encoded(kRecord);
  EXPECT_EQ(bytes.size() % kRecordAlignment, 0U);
  const auto read = read_record(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->collection, kRecord.collection);
  EXPECT_EQ(read->kind, kRecord.kind);
  EXPECT_EQ(read->time_ms, kRecord.time_ms);
  EXPECT_EQ(read->request, kRecord.request);
  EXPECT_EQ(read->request.window_s, kRecord.request.window_s);
  EXPECT_EQ(read->carried, kRecord.carried);
  EXPECT_EQ(read->body, kRecord.body);
  EXPECT_EQ(read->origin, kRecord.origin);
  EXPECT_EQ(read->ticket, kRecord.ticket);
  EXPECT_TRUE(read->goes_on);
}

/// As the program wrote it that knew of one node.
std::string of_version_1(const Record& record) {
  constexpr std::size_t kFields = 56;
  auto bytes = encoded(record).substr(0, kFields);
  bytes[4] = 1;
  const auto sum = checksum(record.body, checksum(bytes));
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum).append(record.body);
  bytes.resize((bytes.size() + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment);
  return bytes;
}

TEST(Record, OfVersion1IsReadAndHasNoOrigin) {
  const auto bytes = of_version_1(kRecord);
  const auto read = read_record(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->collection, kRecord.collection);
  EXPECT_EQ(read->time_ms, kRecord.time_ms);
  EXPECT_EQ(read->carried, kRecord.carried);
  EXPECT_EQ(read->body, kRecord.body);
  EXPECT_EQ(read->origin, 0U);
  EXPECT_EQ(read->ticket, 0U);
}

TEST(Record, OfVersion1NoticesEveryFlippedBit) {
  const auto bytes = of_version_1(kRecord);
  for (std::size_t bit = 0; bit < (64 + kRecord.body.size()) * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(read_record(damaged)) << "bit " << bit;
  }
}

TEST(Record, OfALaterVersionIsRefused) {
  auto bytes = encoded(kRecord);
  bytes[4] = 3;
  const auto read = read_record(bytes);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("version is 3"), std::string::npos);
}

TEST(Record, KnowsItsLengthAmongMoreBytes) {
  const auto bytes = encoded(kRecord) + std::string(16, '\0');
  const auto read = read_record(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->body, kRecord.body);
}

TEST(Record, MayBeEmpty) {
  const auto read = read_record(encoded({}));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->body.empty());
}

TEST(Record, NoticesEveryFlippedBit) {
  const auto bytes = encoded(kRecord);
  const auto checked = kRecordHeaderBytes + kRecord.body.size();
  for (std::size_t bit = 0; bit < checked * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(read_record(damaged)) << "bit " << bit;
  }
}

TEST(Record, NoticesThatItWasCut) {
  const auto bytes = encoded(kRecord);
  for (std::size_t size = 0; size < kRecordHeaderBytes + kRecord.body.size(); ++size)
    EXPECT_FALSE(read_record(bytes.substr(0, size))) << size;
}

}  // namespace
}  // namespace mosaic::replication
