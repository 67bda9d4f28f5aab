#include "replication/batches.hpp"

#include <gtest/gtest.h>

namespace mosaic::replication {
namespace {

Proposal of(Seq collection, std::size_t bytes = 10) {
  Proposal proposal;
  proposal.collection = {collection};
  proposal.bytes.assign(bytes, 'x');
  return proposal;
}

std::vector<bool> marks(std::vector<Proposal> proposals) {
  mark_batches(proposals);
  std::vector<bool> marks;
  for (const auto& proposal : proposals) marks.push_back(proposal.goes_on);
  return marks;
}

TEST(Batches, OneAloneIsABatch) {
  EXPECT_EQ(marks({of(1)}), std::vector<bool>({false}));
}

TEST(Batches, AllOfACollectionButTheLastGoOn) {
  EXPECT_EQ(marks({of(1), of(1), of(1)}), std::vector<bool>({true, true, false}));
}

TEST(Batches, OfOtherCollectionsAreOthers) {
  EXPECT_EQ(marks({of(1), of(2), of(1), of(3), of(2)}),
            std::vector<bool>({true, true, false, false, false}));
}

TEST(Batches, EndOnceTheyAreLarge) {
  constexpr auto kHalf = kApplyGroupBytesMax / 2;
  EXPECT_EQ(marks({of(1, kHalf), of(1, kHalf), of(1, kHalf), of(1)}),
            std::vector<bool>({true, false, true, false}));
}

}  // namespace
}  // namespace mosaic::replication
