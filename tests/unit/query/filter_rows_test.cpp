#include "query/filter_rows.hpp"

#include <gtest/gtest.h>

#include "base/failure.hpp"
#include "fake_rows.hpp"

namespace mosaic::query {
namespace {

using std::chrono::milliseconds;

std::vector<Row> found(FakeRows& rows, std::string_view filter, Row after = 0) {
  std::vector<Row> list;
  matching_rows(*Filter::parse(filter), rows, after, {}).for_each([&](Row row) {
    list.push_back(row);
  });
  return list;
}

/// Rows 1 to `count`; row n has {"n": n, "odd": n % 2}.
FakeRows numbered(int count) {
  FakeRows rows;
  for (int n = 1; n <= count; ++n) {
    rows.add({{"$id", std::to_string(n)}, {"metadata", {{"n", n}, {"odd", n % 2}}}});
  }
  return rows;
}

TEST(MatchingRows, LooksOnlyAtRowsAfterTheGivenOne) {
  auto rows = numbered(6);
  EXPECT_EQ(found(rows, R"({"odd":1})", 2), (std::vector<Row>{3, 5}));
  EXPECT_EQ(rows.visited, 4u);
}

TEST(MatchingRows, IsEmptyWithoutRows) {
  FakeRows rows;
  EXPECT_TRUE(found(rows, "{}").empty());
  auto some = numbered(3);
  EXPECT_TRUE(found(some, "{}", 3).empty());
  EXPECT_TRUE(found(some, "{}", 9).empty());
}

TEST(MatchingRows, NeedsNoDocumentWhereIndexesAnswerEverything) {
  auto rows = numbered(10);
  rows.indexed = {"n", "odd"};
  EXPECT_EQ(found(rows, R"({"n":{"$gt":2,"$lte":8},"odd":{"$ne":1}})"),
            (std::vector<Row>{4, 6, 8}));
  EXPECT_EQ(found(rows, R"({"$not":{"n":{"$in":[1,2,3]}}})", 5),
            (std::vector<Row>{6, 7, 8, 9, 10}));
  EXPECT_EQ(found(rows, "{}", 7), (std::vector<Row>{8, 9, 10}));
  EXPECT_EQ(rows.visited, 0u);
  EXPECT_EQ(rows.scans, 0u);
}

TEST(MatchingRows, WalksARangeOnceForBothOfItsEnds) {
  auto rows = numbered(20);
  rows.indexed = {"n", "odd"};
  EXPECT_EQ(found(rows, R"({"n":{"$gte":5,"$lt":8}})"), (std::vector<Row>{5, 6, 7}));
  EXPECT_EQ(rows.lookups, 1u);
  EXPECT_TRUE(found(rows, R"({"n":{"$gt":5,"$lt":"8"}})").empty());
  EXPECT_EQ(found(rows, R"({"n":{"$gt":17},"odd":{"$lt":1}})"), (std::vector<Row>{18, 20}));
}

TEST(MatchingRows, FetchesTheFewRowsThatAnIndexLeaves) {
  auto rows = numbered(100);
  rows.indexed = {"n"};
  EXPECT_EQ(found(rows, R"({"n":{"$lt":5},"odd":0})"), (std::vector<Row>{2, 4}));
  EXPECT_EQ(rows.scans, 0u);
  EXPECT_EQ(rows.visited, 4u);
}

TEST(MatchingRows, ScansWhereAnIndexLeavesManyRows) {
  auto rows = numbered(100);
  rows.indexed = {"n"};
  EXPECT_EQ(found(rows, R"({"n":{"$gt":10},"odd":0})").size(), 45u);
  EXPECT_EQ(rows.scans, 1u);
}

TEST(MatchingRows, AsksNoIndexThatCannotNarrowTheAnswer) {
  auto rows = numbered(10);
  rows.indexed = {"n"};
  EXPECT_EQ(found(rows, R"({"$or":[{"n":2},{"odd":1}]})"), (std::vector<Row>{1, 2, 3, 5, 7, 9}));
  EXPECT_EQ(found(rows, R"({"$not":{"n":2,"odd":0}})").size(), 9u);
  EXPECT_EQ(rows.lookups, 0u);
}

TEST(MatchingRows, LeavesNumbersThatAnIndexConfusesToTheScan) {
  FakeRows rows;
  rows.add_metadata(R"({"n":18446744073709551615})");
  rows.add_metadata(R"({"n":18446744073709551614})");
  rows.indexed = {"n"};
  EXPECT_EQ(found(rows, R"({"n":18446744073709551615})"), (std::vector<Row>{1}));
  EXPECT_EQ(rows.lookups, 0u);
}

TEST(MatchingRows, AsksForTheFieldsItNeedsOnly) {
  class Asked : public FakeRows {
   public:
    void scan(Row, FieldsNeeded fields, const RowVisit&) override { needed = fields; }
    FieldsNeeded needed;
  } rows;
  rows.add_metadata("{}");
  matching_rows(*Filter::parse(R"({"$title":"a"})"), rows, 0, {});
  EXPECT_EQ(rows.needed, (FieldsNeeded{.title = true}));
}

/// A clock that moves by a millisecond at every look.
Clock ticking(int& looks) {
  return [&looks] { return TimePoint{} + milliseconds(looks++); };
}

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return ErrorCode::kInternal;
}

TEST(MatchingRows, StopsAScanAtTheDeadline) {
  auto rows = numbered(2'000);
  int looks = 0;
  EXPECT_EQ(code_of([&] {
              matching_rows(*Filter::parse(R"({"n":1})"), rows, 0, {TimePoint{} + milliseconds(3)},
                            ticking(looks));
            }),
            ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(rows.visited, 3 * 256u);
}

TEST(MatchingRows, StopsBetweenLookupsAtTheDeadline) {
  auto rows = numbered(10);
  rows.indexed = {"n"};
  int looks = 0;
  EXPECT_EQ(code_of([&] {
              matching_rows(*Filter::parse(R"({"n":{"$in":[1,2,3,4,5,6,7,8]}})"), rows, 0,
                            {TimePoint{} + milliseconds(3)}, ticking(looks));
            }),
            ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(rows.lookups, 2u);
}

TEST(MatchingRows, LooksAtTheClockMoreOftenWhereRowsAreLarge) {
  FakeRows rows;
  for (int i = 0; i < 20; ++i) rows.add({{"$id", "d"}, {"$text", std::string(1 << 20, 'a')}});
  std::string filter = R"({"$or":[{"$text":{"$contains":"b0"}})";
  for (int i = 1; i < 100; ++i)
    filter += R"(,{"$text":{"$contains":"b)" + std::to_string(i) + "\"}}";
  int looks = 0;
  matching_rows(*Filter::parse(filter + "]}"), rows, 0, {}, ticking(looks));
  EXPECT_EQ(looks, 21);
}

TEST(MatchingRows, AnswersNothingPastTheDeadline) {
  auto rows = numbered(1);
  int looks = 5;
  EXPECT_EQ(code_of([&] {
              matching_rows(*Filter::parse("{}"), rows, 0, {TimePoint{} + milliseconds(5)},
                            ticking(looks));
            }),
            ErrorCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace mosaic::query
