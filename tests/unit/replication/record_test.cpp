#include "replication/record.hpp"

#include <gtest/gtest.h>

namespace mosaic::replication {
namespace {

std::string encoded(const Record& record) {
  std::string bytes(record_bytes(record.body.size()), '?');
  write_record(record, bytes.data());
  return bytes;
}

const Record kRecord{{7}, EntryKind::kPageRank, 1'700'000'000'000, {1, 2, 60}, 9, "a body"};

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
