// How a node finds its cluster before its parts run. Blocks the thread that starts the node.
#pragma once

#include <string>
#include <vector>

#include "actors/fetch.hpp"
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

/// Each step throws unavailable when nothing has come of it after kJoinPatience (of the catalog,
/// kCatalogPatience), and soon after `stop_wanted` says so.
class Joining {
 public:
  Joining(caf::actor_system& system, std::function<bool()> stop_wanted)
      : system_(system), stop_wanted_(std::move(stop_wanted)) {}

  /// The first node that answers: of those whose HTTP addresses are given (HOST:PORT, or a URL),
  /// and of those that are `known`.
  cluster_contact find_cluster(const std::vector<std::string>& http,
                               const std::vector<NodeRecord>& known) const;
  /// Asks to be taken in. Throws what the cluster has against it, too.
  void ask_to_join(const cluster_contact& contact, const NodeRecord& self) const;
  /// Waits until `ready`. What is thrown else says what was `missing`.
  void await(const std::function<bool()>& ready, const std::string& missing) const;
  /// Gets the catalog of another node in the place of the one of this node, whose log has forgotten
  /// all up to `forgotten`.
  void fetch_catalog(const cluster_contact& contact, const storage::DataFolder& folder,
                     Seq forgotten, std::function<Seq()> log_seq) const;

 private:
  template <class Try>
  auto until_patience_ends(const Try& attempt) const;
  bool comes(const std::function<bool()>& ready, std::chrono::seconds patience) const;
  Status fetch_once(const cluster_contact& contact, fetch_config config) const;

  caf::actor_system& system_;
  std::function<bool()> stop_wanted_;
};

}  // namespace mosaic::actors
