#include "cluster/membership_plan.hpp"

#include <algorithm>

namespace mosaic::cluster {
namespace {

template <class Wanted>
const Member* first(const std::vector<Member>& members, Wanted wanted) {
  const auto found = std::find_if(members.begin(), members.end(), wanted);
  return found == members.end() ? nullptr : &*found;
}

bool may_vote(const Member& member) {
  return member.known && member.takes_part && !member.votes && member.level;
}

/// Of those that vote: one that is down, if any is.
const Member* least_needed(const std::vector<Member>& members, std::uint64_t self) {
  const auto votes = [&](const Member& member) { return member.votes && member.id != self; };
  const auto* down = first(members, [&](const Member& m) { return votes(m) && !m.level; });
  return down != nullptr ? down : first(members, votes);
}

/// How many shall vote, of those that do and those that may.
std::size_t voters_wanted(std::size_t able, std::uint32_t voters_max) {
  if (able == 0) return 0;
  const auto most = std::min<std::size_t>(able, voters_max);
  return most % 2 == 1 ? most : most - 1;
}

}  // namespace

std::optional<MembershipStep> next_step(const std::vector<Member>& members, std::uint64_t self,
                                        std::uint32_t voters_max) {
  using What = MembershipStep::What;
  const auto* gone = first(members, [&](const Member& member) {
    return member.takes_part && !member.known && member.id != self;
  });
  if (gone != nullptr) return MembershipStep{What::kRemove, gone->id};
  const auto* fresh =
      first(members, [](const Member& member) { return member.known && !member.takes_part; });
  if (fresh != nullptr) return MembershipStep{What::kAdd, fresh->id};
  const auto voters = static_cast<std::size_t>(std::count_if(
      members.begin(), members.end(), [](const auto& member) { return member.votes; }));
  const auto able =
      voters + static_cast<std::size_t>(std::count_if(members.begin(), members.end(), may_vote));
  const auto wanted = voters_wanted(able, voters_max);
  if (voters < wanted) return MembershipStep{What::kLetVote, first(members, may_vote)->id};
  if (voters > wanted) return MembershipStep{What::kTakeVote, least_needed(members, self)->id};
  return std::nullopt;
}

}  // namespace mosaic::cluster
