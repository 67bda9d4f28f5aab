#include "query/audit.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace mosaic::query {
namespace {

using Ids = std::vector<std::string>;

Candidate at(std::string id, double distance) {
  Candidate candidate;
  candidate.id = std::move(id);
  candidate.distance = distance;
  candidate.score = 1 - distance;
  return candidate;
}

TEST(Audit, IsWholeWhenTheAnswersAgree) {
  const std::vector<Candidate> both = {at("a", 0.1), at("b", 0.2)};
  const auto same = audit(both, both);
  EXPECT_EQ(same.recall, 1);
  EXPECT_EQ(same.expected, 2U);
  EXPECT_EQ(same.found, 2U);
  EXPECT_TRUE(same.missed.empty());
  EXPECT_TRUE(same.error.empty());
}

TEST(Audit, NamesWhatWasMissedNearestFirst) {
  const auto some = audit({at("b", 0.2), at("e", 0.5), at("f", 0.6), at("g", 0.7)},
                          {at("a", 0.1), at("b", 0.2), at("c", 0.3), at("d", 0.4)});
  EXPECT_EQ(some.recall, 0.25);
  EXPECT_EQ(some.expected, 4U);
  EXPECT_EQ(some.found, 1U);
  EXPECT_EQ(some.missed, (Ids{"a", "c", "d"}));
}

TEST(Audit, IsWholeWhereNothingMatches) {
  const auto none = audit({}, {});
  EXPECT_EQ(none.recall, 1);
  EXPECT_EQ(none.expected, 0U);
  EXPECT_EQ(none.found, 0U);
}

TEST(Audit, IsEmptyHandedWhereNothingWasFound) {
  const auto none = audit({}, {at("a", 0.1), at("b", 0.2)});
  EXPECT_EQ(none.recall, 0);
  EXPECT_EQ(none.missed, (Ids{"a", "b"}));
}

TEST(Audit, CountsAnAnswerThatIsShorterThanTheExactOne) {
  const auto fewer = audit({at("a", 0.1)}, {at("a", 0.1), at("b", 0.2)});
  EXPECT_EQ(fewer.recall, 0.5);
  EXPECT_EQ(fewer.missed, Ids{"b"});
}

TEST(Audit, TakesAnyOfSeveralThatAreAsNearAsTheLast) {
  const auto tied =
      audit({at("a", 0.1), at("y", 0.2), at("z", 0.2)}, {at("a", 0.1), at("b", 0.2), at("c", 0.2)});
  EXPECT_EQ(tied.recall, 1);
  EXPECT_EQ(tied.found, 3U);
  EXPECT_TRUE(tied.missed.empty());
}

TEST(Audit, ATieReplacesTheLastAndNotTheNearest) {
  const auto tied = audit({at("y", 0.2), at("z", 0.9)}, {at("a", 0.1), at("b", 0.2)});
  EXPECT_EQ(tied.recall, 0.5);
  EXPECT_EQ(tied.missed, Ids{"a"});
}

TEST(Audit, NeverFindsMoreThanThereIs) {
  const auto tied = audit({at("a", 0.1), at("y", 0.1), at("z", 0.1)}, {at("a", 0.1)});
  EXPECT_EQ(tied.recall, 1);
  EXPECT_EQ(tied.found, 1U);
}

TEST(Audit, GoesByIdsWhereDistancesAreNoNumbers) {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  const auto found = audit({at("a", nan), at("x", nan)}, {at("a", nan), at("b", nan)});
  EXPECT_EQ(found.found, 1U);
  EXPECT_EQ(found.missed, Ids{"b"});
}

}  // namespace
}  // namespace mosaic::query
