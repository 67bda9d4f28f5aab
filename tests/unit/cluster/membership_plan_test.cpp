#include "cluster/membership_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace mosaic::cluster {
namespace {

using What = MembershipStep::What;

Member voter(std::uint64_t id) {
  return {id, true, true, true, true};
}
Member follower(std::uint64_t id, bool level = true) {
  return {id, true, true, false, level};
}
Member fresh(std::uint64_t id) {
  return {id, true, false, false, false};
}

TEST(MembershipPlan, TakesInWhomTheCatalogKnows) {
  EXPECT_EQ(next_step({voter(1), fresh(2)}, 1, 3), (MembershipStep{What::kAdd, 2}));
}

TEST(MembershipPlan, RemovesWhomTheCatalogHasForgotten) {
  EXPECT_EQ(next_step({voter(1), {2, false, true, true, true}}, 1, 3),
            (MembershipStep{What::kRemove, 2}));
}

TEST(MembershipPlan, NeverRemovesTheLeaderItself) {
  EXPECT_EQ(next_step({{1, false, true, true, true}}, 1, 3), std::nullopt);
}

TEST(MembershipPlan, TwoNodesHaveOneVoter) {
  EXPECT_EQ(next_step({voter(1), follower(2)}, 1, 3), std::nullopt);
}

TEST(MembershipPlan, OfThreeNodesAllVote) {
  EXPECT_EQ(next_step({voter(1), follower(2), follower(3)}, 1, 3),
            (MembershipStep{What::kLetVote, 2}));
  EXPECT_EQ(next_step({voter(1), voter(2), follower(3)}, 1, 3),
            (MembershipStep{What::kLetVote, 3}));
}

TEST(MembershipPlan, WhoIsNotLevelHasNoVote) {
  EXPECT_EQ(next_step({voter(1), follower(2), follower(3, false)}, 1, 3), std::nullopt);
}

TEST(MembershipPlan, FurtherNodesFollowWithoutAVote) {
  EXPECT_EQ(next_step({voter(1), voter(2), voter(3), follower(4), follower(5)}, 1, 3),
            std::nullopt);
}

TEST(MembershipPlan, MoreVoteWhereMoreAreAllowed) {
  EXPECT_EQ(next_step({voter(1), voter(2), voter(3), follower(4), follower(5)}, 1, 5),
            (MembershipStep{What::kLetVote, 4}));
}

TEST(MembershipPlan, AVoteThatWentWithItsNodeIsGivenToAnother) {
  EXPECT_EQ(next_step({voter(1), voter(2), follower(4)}, 1, 3),
            (MembershipStep{What::kLetVote, 4}));
}

TEST(MembershipPlan, OfTwoVotersThatAreLeftOneIsEnough) {
  EXPECT_EQ(next_step({voter(1), voter(2)}, 1, 3), (MembershipStep{What::kTakeVote, 2}));
  EXPECT_EQ(next_step({voter(1), voter(2)}, 2, 3), (MembershipStep{What::kTakeVote, 1}));
}

TEST(MembershipPlan, AVoterThatIsDownKeepsItsVote) {
  EXPECT_EQ(next_step({voter(1), voter(2), {3, true, true, true, false}}, 1, 3), std::nullopt);
}

/// Nodes come, go and fall behind at random, and steps are lost on their way: whatever happens,
/// nobody votes who does not take part, no more vote than may, and once nothing happens any more it
/// comes to rest with those that are known, an odd number of them voting.
TEST(MembershipPlan, ComesToRestAtAnOddNumberOfVotersWhateverHappens) {
  for (std::uint32_t seed = 0; seed < 10'000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    std::map<std::uint64_t, Member> nodes{{1, voter(1)}};
    const auto listed = [&] {
      std::vector<Member> all;
      for (const auto& [id, member] : nodes) all.push_back(member);
      return all;
    };
    const auto take = [&](const MembershipStep& step) {
      auto& member = nodes[step.id];
      if (step.what == What::kAdd) member.takes_part = true;
      if (step.what == What::kLetVote) {
        ASSERT_TRUE(member.takes_part && member.level && member.known);
        member.votes = true;
      }
      if (step.what == What::kTakeVote) member.votes = false;
      if (step.what == What::kRemove) nodes.erase(step.id);
    };
    std::uint64_t next = 2;
    for (int event = 0; event < 40; ++event) {
      if (chance(30) && nodes.size() < 9) nodes[next] = fresh(next), ++next;
      for (auto& [id, member] : nodes) {
        if (id != 1 && chance(10)) member.level = !member.level && member.takes_part;
        if (id != 1 && chance(5)) member.known = false;
      }
      if (const auto step = next_step(listed(), 1, 3); step && chance(80)) take(*step);
      std::erase_if(nodes,
                    [](const auto& node) { return !node.second.known && !node.second.takes_part; });
    }
    for (auto& [id, member] : nodes) member.level = member.takes_part;
    int steps = 0;
    while (const auto step = next_step(listed(), 1, 3)) {
      take(*step);
      if (step->what == What::kAdd) nodes[step->id].level = true;
      ASSERT_LT(++steps, 100);
    }
    const auto all = listed();
    const auto voters = std::count_if(all.begin(), all.end(), [](auto& m) { return m.votes; });
    EXPECT_TRUE(
        std::all_of(all.begin(), all.end(), [](auto& m) { return m.known && m.takes_part; }));
    EXPECT_EQ(voters, all.size() >= 3 ? 3 : 1);
  }
}

}  // namespace
}  // namespace mosaic::cluster
