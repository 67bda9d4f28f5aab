#include "storage/applied_requests.hpp"

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

constexpr std::int64_t kNow = 1'000'000'000;

struct AppliedRequestsTest : ::testing::Test {
  test::TemporaryFolder folder;
  Database database{folder / "any.db", OpenMode::kCreate};
  AppliedRequests requests{database};

  void SetUp() override { database.execute(kAppliedRequestsSchema); }

  std::int64_t rows() { return database.query_int("SELECT count(*) FROM requests"); }
};

TEST_F(AppliedRequestsTest, KnowsTheEntryAndItsOutcome) {
  const RequestId id{~0ULL, 1ULL << 63, 60};
  EXPECT_FALSE(requests.find(id, kNow));
  requests.note(id, kNow, {7, 42});
  const auto found = requests.find(id, kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->seq, 7U);
  EXPECT_EQ(found->outcome, 42U);
  EXPECT_FALSE(requests.find({id.high, id.low ^ 1}, kNow));
  EXPECT_FALSE(requests.find({id.high ^ 1, id.low}, kNow));
}

TEST_F(AppliedRequestsTest, TheWindowEndsAtItsLastMillisecond) {
  const RequestId id{1, 2, 60};
  requests.note(id, kNow, {7, 0});
  EXPECT_TRUE(requests.find(id, kNow + 60'000));
  EXPECT_FALSE(requests.find(id, kNow + 60'001));
}

TEST_F(AppliedRequestsTest, WithoutAWindowTheLongestCounts) {
  requests.note({1, 2}, kNow, {7, 0});
  const auto end = kNow + std::int64_t{1'000} * kIdempotencyWindowMaxS;
  EXPECT_TRUE(requests.find({1, 2}, end));
  EXPECT_FALSE(requests.find({1, 2}, end + 1));
}

TEST_F(AppliedRequestsTest, TheWindowIsNoPartOfTheName) {
  requests.note({1, 2, 60}, kNow, {7, 0});
  EXPECT_TRUE(requests.find({1, 2, 5}, kNow));
}

TEST_F(AppliedRequestsTest, ForgetsWhatIsOver) {
  for (std::uint64_t i = 1; i <= 100; ++i)
    requests.note({i, i, 1}, kNow + static_cast<std::int64_t>(100 * i), {i, 0});
  EXPECT_LE(rows(), 12);
  EXPECT_FALSE(requests.find({80, 80}, kNow + 10'000));
  EXPECT_TRUE(requests.find({95, 95}, kNow + 10'000));
}

TEST_F(AppliedRequestsTest, ANewRequestOfAnOldNameTakesItsPlace) {
  requests.note({9, 9, 3'600}, kNow, {1, 0});  // keeps the others from being forgotten
  requests.note({1, 2, 1}, kNow, {2, 5});
  requests.note({1, 2, 1}, kNow + 10'000, {3, 6});
  EXPECT_EQ(requests.find({1, 2}, kNow + 10'000)->seq, 3U);
  EXPECT_EQ(rows(), 2);
}

}  // namespace
}  // namespace mosaic::storage
