#include "storage/heap_budget.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "storage/database.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

constexpr std::size_t kBudget = 4 << 20;
constexpr const char* kLarge = "SELECT length(hex(zeroblob(10000000)))";

class HeapBudgetTest : public ::testing::Test {
 protected:
  static std::optional<ErrorCode> code_of(Database& database, const char* sql) {
    try {
      database.query_int(sql);
    } catch (const Failure& failure) {
      return failure.error().code;
    }
    return std::nullopt;
  }

  test::TemporaryFolder folder_;
  Database database_{folder_ / "x.sqlite", OpenMode::kCreate};
};

TEST_F(HeapBudgetTest, FailsTheStatementThatAsksForTooMuch) {
  {
    const HeapBudget budget(kBudget);
    EXPECT_EQ(code_of(database_, kLarge), ErrorCode::kOverloaded);
    EXPECT_EQ(code_of(database_, "SELECT 1"), std::nullopt);
  }
  EXPECT_EQ(code_of(database_, kLarge), std::nullopt) << "no budget, no bound";
}

TEST_F(HeapBudgetTest, TakesBackWhatIsFreed) {
  const HeapBudget budget(kBudget);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(code_of(database_, "SELECT length(hex(zeroblob(500000)))"), std::nullopt) << i;
  }
}

TEST_F(HeapBudgetTest, BindsItsOwnThreadOnly) {
  const HeapBudget budget(kBudget);
  std::optional<ErrorCode> other;
  std::thread([&] {
    Database second(folder_ / "y.sqlite", OpenMode::kCreate);
    other = code_of(second, kLarge);
  }).join();
  EXPECT_EQ(other, std::nullopt);
}

TEST_F(HeapBudgetTest, GivesNothingMoreAfterTheDeadline) {
  const HeapBudget budget(std::size_t{1} << 30, Deadline{TimePoint::min()});
  EXPECT_EQ(code_of(database_, kLarge), ErrorCode::kOverloaded);
}

}  // namespace
}  // namespace mosaic::storage
