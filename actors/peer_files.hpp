// Files that one node gives to another. Part of membership.
#pragma once

#include "actors/membership.hpp"

namespace mosaic::actors {

/// How long whoever gives a file may take to come as far as the other one needs it.
constexpr std::chrono::seconds kGiveMax{10};

/// Another node that has all of the shard, going by its last report. Unavailable: none is reached.
caf::result<peer_actor> peer_with(membership_pointer self, const shard_key& key);

/// A copy of what this node has, once that has come as far as it is wanted. Unavailable when it
/// does not in time, or is lacking itself.
caf::result<copy_actor, copy_ready> give_copy(membership_pointer self, const copy_request& wanted);

}  // namespace mosaic::actors
