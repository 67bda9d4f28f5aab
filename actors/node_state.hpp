// What a node has on disk, opened in order: catalog and log. A node that joins a cluster, or has
// been away for so long that the log alone cannot bring it back, finds its cluster first and
// fetches what it lacks.
#pragma once

#include <functional>
#include <memory>

#include "actors/cluster_ports.hpp"
#include "actors/protocol.hpp"
#include "base/node_settings.hpp"
#include "cluster/cluster_place.hpp"
#include "replication/address_book.hpp"
#include "replication/log.hpp"
#include "storage/catalog.hpp"
#include "storage/data_folder.hpp"
#include "tls/tls_files.hpp"

namespace mosaic::actors {

struct node_state_config {
  const storage::DataFolder& folder;
  const NodeSettings& settings;
  caf::actor_system& system;
  NodeRecord self;             ///< without its id, which only the log knows
  std::string log_listen;      ///< HOST:PORT; empty: there are no other nodes
  tls::TlsFiles certificates;  ///< none: the others need none
  /// The others have gone on without this node: it has to be started anew. On the log's thread.
  std::function<void()> on_overtaken;
  /// Whoever started the node wants its end before it runs.
  std::function<bool()> stop_wanted;
};

struct node_state {
  NodeRecord self;
  std::shared_ptr<replication::Log> log;
  std::shared_ptr<storage::Catalog> catalog;
  std::shared_ptr<replication::AddressBook> addresses;
};

/// Bytes that the log keeps before it forgets what shards have saved: log.retained_bytes, but no
/// more than half of log.bytes_max, or writes would be refused before it forgets anything.
std::uint64_t retained_log_bytes(const NodeSettings& settings);

/// Blocks, at most a few times kJoinPatience. Throws corrupt_data, unavailable, and what a cluster
/// has against the node.
node_state open_node_state(const node_state_config& config);

}  // namespace mosaic::actors
