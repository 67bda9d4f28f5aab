// A node as the others know it: in the log, so that all know the same, and told again whenever it
// has changed.
#pragma once

#include <cstdint>
#include <string>

namespace mosaic {

struct NodeRecord {
  std::uint64_t id = 0;         ///< in the log; never comes back for another node
  std::string name;             ///< for people; no two nodes of a cluster share one
  std::string http_address;     ///< HOST:PORT; empty: not known yet
  std::string cluster_address;  ///< HOST:PORT of its actors
  std::string log_address;      ///< HOST:PORT of its log
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

template <class Archive>
void archive(Archive& a, NodeRecord& node) {
  a(node.id, node.name, node.http_address, node.cluster_address, node.log_address);
}

}  // namespace mosaic
