// How a node finds its cluster before its parts run. Blocks the thread that starts the node.
#pragma once

#include <string>
#include <vector>

#include "actors/protocol.hpp"
#include "replication/log.hpp"
#include "storage/data_folder.hpp"

namespace mosaic::actors {

/// How long a node that joins looks for one that answers, or for its leader.
constexpr std::chrono::seconds kJoinPatience{60};
constexpr std::chrono::milliseconds kJoinPause{200};

/// A node of the cluster, and what it says.
struct cluster_contact {
  peer_actor peer;
  cluster_hello hello;
};

/// The first node that answers: of those whose HTTP addresses are given (HOST:PORT, or a URL), and
/// of those that are `known`. Throws unavailable after kJoinPatience.
cluster_contact find_cluster(caf::actor_system& system, const std::vector<std::string>& http,
                             const std::vector<NodeRecord>& known);

/// Asks to be taken in. Throws unavailable after kJoinPatience, or what the cluster has against it.
void ask_to_join(caf::actor_system& system, const cluster_contact& contact, const NodeRecord& self);

/// Waits until `ready`, at most kJoinPatience. Throws unavailable, which says what was `missing`.
void await(const std::function<bool()>& ready, const std::string& missing);

/// Gets the catalog of another node in the place of the one of this node, whose log has forgotten
/// all up to `forgotten`. Throws.
void fetch_catalog(caf::actor_system& system, const cluster_contact& contact,
                   const storage::DataFolder& folder, Seq forgotten, std::function<Seq()> log_seq);

}  // namespace mosaic::actors
