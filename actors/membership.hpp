// Membership: knows the nodes of the cluster, keeps a connection to each, tells them how this one
// fares and hears the same of them; brings what the parts of this node ask of the leader to it. On
// the leader it also sees to who takes part in the log. Published at the cluster's address of the
// node. What others ask of it is checked here: they are other versions, or worse.
#pragma once

#include <limits>
#include <map>

#include "actors/faults.hpp"
#include "actors/promise.hpp"
#include "cluster/cluster_view.hpp"
#include "cluster/restart_policy.hpp"
#include "metrics/node_metrics.hpp"
#include "replication/address_book.hpp"
#include "replication/log.hpp"

namespace mosaic::actors {

/// Between two signs of life to every other node.
constexpr std::chrono::milliseconds kReportInterval{500};
/// A node that has not answered for so long counts as lost, whatever its connection does: one that
/// was stopped keeps that open.
constexpr std::chrono::milliseconds kPeerSilenceMax{2'000};
constexpr std::chrono::milliseconds kConnectTimeout{2'000};
/// Pauses between tries to reach a node double from the first to the longest.
constexpr cluster::RestartLimits kReachAgain{std::chrono::milliseconds(100),
                                             std::chrono::milliseconds(2'000),
                                             std::numeric_limits<std::size_t>::max(),
                                             std::chrono::milliseconds(30'000),
                                             {}};

struct membership_state;
using membership_pointer = membership_actor::stateful_pointer<membership_state>;

using peer_found = std::function<void(Result<peer_actor>)>;
/// Finds what is published at HOST:PORT; answers once, in the context of `self`.
using peer_connector =
    std::function<void(membership_pointer self, const std::string& address, peer_found then)>;

struct membership_config {
  NodeRecord self;  ///< as others shall know this node
  std::shared_ptr<replication::Log> log;
  /// Where the logs of the others are; kept current here.
  std::shared_ptr<replication::AddressBook> addresses;
  std::uint32_t voters_max = 3;
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  peer_connector connect;
  /// Others have removed this node: it has no part in anything any more.
  std::function<void(const Error&)> on_removed = [](const Error&) {};
};

struct membership_state {
  /// Another node.
  struct peer {
    NodeRecord record;
    peer_actor actor;               ///< null while there is no connection
    bool connecting = false;        ///< or waiting for the next try
    std::uint64_t epoch = 0;        ///< of its connections: answers by one before count for nothing
    bool asked = false;             ///< for a report, without an answer yet
    bool introduced = false;        ///< its replicas and those of this node know each other
    TimePoint heard;                ///< when it last answered, or was first heard of
    std::optional<TimePoint> told;  ///< when it last reported by itself, since it was lost
    node_report report;
    cluster::RestartPolicy policy{kReachAgain};
  };
  /// What was asked of another node: fails at once when that is lost.
  struct relay {
    std::uint64_t node = 0;
    std::function<void(const Error&)> fail;
  };

  membership_config config;
  node_parts_ptr parts;
  std::map<std::uint64_t, NodeRecord> nodes;  ///< as the catalog has them
  std::vector<std::uint64_t> forgotten;       ///< likewise
  std::vector<std::uint64_t> leaving;         ///< likewise
  std::map<CollectionId, collection_places> places;
  std::map<std::uint64_t, peer> peers;
  node_report own;
  std::map<std::uint64_t, relay> relays;
  std::map<std::uint64_t, std::function<void(Result<Seq>)>> calls;  ///< to the log
  std::uint64_t last_number = 0;
  bool stepping = false;  ///< a change of who takes part is under way
  bool telling = false;   ///< the log is being told where a node is now
  bool placing = false;   ///< a shard is being put on other nodes
  Faults faults;
  static inline const char* name = "membership";
};

/// Of an error that another node answers a report with: this node takes part no more.
bool says_removed(const Error& error);

membership_actor::behavior_type membership(membership_pointer self, membership_config config);

}  // namespace mosaic::actors
