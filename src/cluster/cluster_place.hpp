// Where a node listens for the other nodes of its cluster, as its settings say. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/node_settings.hpp"

namespace mosaic::cluster {

struct ClusterPlace {
  bool open = false;       ///< false: nowhere; a cluster of one that nobody can join
  std::string host;        ///< an IPv6 address without its brackets; empty when it is not open
  std::uint16_t port = 0;  ///< 0: a free one
  friend bool operator==(const ClusterPlace&, const ClusterPlace&) = default;
};

/// At cluster.listen, else at the host of http.listen on a free port. Never open where other
/// machines reach it without certificates, unless cluster.insecure allows that.
ClusterPlace cluster_place(const NodeSettings& settings);

}  // namespace mosaic::cluster
