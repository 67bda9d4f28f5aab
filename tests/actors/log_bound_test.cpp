// The log keeps what shards have not saved, and only so much of it.
#include "actors/node_state.hpp"
#include "node_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRetained = 64ULL << 20;
constexpr std::uint64_t kMax = 1ULL << 30;

struct LogBoundTest : NodeFixture {
  void SetUp() override {
    NodeFixture::SetUp();
    make_collection(2);
    upsert({"a", "b", "c", "d"});
  }
};

TEST(LogBound, TheLogForgetsBeforeItRefuses) {
  NodeSettings settings;
  EXPECT_EQ(retained_log_bytes(settings), settings.log.retained_bytes);
  settings.log.bytes_max = settings.log.retained_bytes;
  EXPECT_EQ(retained_log_bytes(settings), settings.log.bytes_max / 2);
}

TEST_F(LogBoundTest, ShardsSaveWhenItHoldsTooMuch) {
  EXPECT_LT(memory->floor, memory->last_seq());
  memory->kept = kRetained + 1;
  // Long before the next checkpoint that they make by themselves, and once the others are level.
  pass(5s);
  pass(200ms);
  EXPECT_EQ(memory->floor, memory->last_seq());
}

TEST_F(LogBoundTest, ShardsAreLeftAloneWhileItHoldsLittle) {
  memory->kept = kRetained;
  pass(5s);
  pass(200ms);
  EXPECT_LT(memory->floor, memory->last_seq());
}

TEST_F(LogBoundTest, ForgetsNothingThatItHasNotHandedOut) {
  const auto told = memory->last_seq();
  // Word of it is still on its way; or it never comes, where the log's leader has forgotten entries
  // that this node lacks.
  auto untold = memory->entries.back();
  ++untold.seq;
  memory->entries.push_back(untold);
  memory->kept = kRetained + 1;
  pass(5s);
  pass(200ms);
  EXPECT_EQ(memory->floor, told);
}

TEST_F(LogBoundTest, WritesAreRefusedPastItsLimitAndSearchesGoOn) {
  memory->kept = kMax + 1;
  const auto refused = try_upsert({"e"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
  EXPECT_NE(refused.error().detail.find("log.bytes_max"), std::string::npos);
  EXPECT_TRUE(search());
  memory->kept = kMax;
  EXPECT_TRUE(try_upsert({"e"}));
}

}  // namespace
}  // namespace mosaic::actors
