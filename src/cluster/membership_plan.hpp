// Who takes part in the log: brings its members in line with the nodes that the catalog knows, one
// step at a time, and lets as many of them vote as there should be. The leader asks again after
// each step and now and then; whoever leads next goes on where it stands. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace mosaic::cluster {

/// A node that is known or takes part, and how it fares.
struct Member {
  std::uint64_t id = 0;
  bool known = false;  ///< to the catalog
  bool takes_part = false;
  bool votes = false;
  bool level = false;  ///< it answers, and has everything that it shall hold
};

struct MembershipStep {
  enum class What : std::uint8_t { kAdd, kRemove, kLetVote, kTakeVote };
  What what;
  std::uint64_t id = 0;
  friend bool operator==(const MembershipStep&, const MembershipStep&) = default;
};

/// What is to be done next, or nothing. At most `voters_max` vote, and an odd number of them: two
/// that must both agree are worse off than one. So votes are given only when there are enough nodes
/// for the next odd number; when a voter has been removed, another node gets its vote, or one more
/// loses its own. A voter that is merely down keeps it: it may come back. `self` leads.
std::optional<MembershipStep> next_step(const std::vector<Member>& members, std::uint64_t self,
                                        std::uint32_t voters_max);

}  // namespace mosaic::cluster
