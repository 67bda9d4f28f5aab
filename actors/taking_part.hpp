// Who takes part in the cluster: the leader brings its log in line with the nodes that are known,
// takes in who joins, and lets go who shall leave. Part of membership.
#pragma once

#include "actors/membership.hpp"

namespace mosaic::actors {

/// Appends an entry of the cluster's own, about a collection or none; `then` is called once.
void append_entry(membership_pointer self, EntryKind kind, CollectionId collection,
                  std::string bytes, std::function<void(Status)> then);

/// Of the leader alone; the others leave it to that.
void take_next_step(membership_pointer self);

/// Nodes are known as the log says: where one is otherwise by now, the leader writes it down.
void tell_record(membership_pointer self, const NodeRecord& node);

/// What this node says of itself and of the nodes that it knows.
cluster_hello hello(membership_pointer self);

/// Takes in a node; by the leader, wherever that is.
caf::result<cluster_hello> join(membership_pointer self, const NodeRecord& node);

/// Lets a node go, at once if nothing is lost with it, else when others have what it holds. Error
/// unavailable: this node does not lead.
caf::result<leader_reply> forget(membership_pointer self, const std::string& name);

/// Lets a node vote. Error unavailable: this node does not lead.
caf::result<leader_reply> promote(membership_pointer self, const std::string& name);

}  // namespace mosaic::actors
