// Where the nodes of a cluster are just now. Asked anew at every connect, so that a node may come
// back at another address. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "replication/log.hpp"

namespace mosaic::replication {

class AddressBook {
 public:
  /// `address` is HOST:PORT, with a name or an IPv4 address.
  void set(NodeId node, std::string address);
  std::optional<std::string> find(NodeId node) const;

 private:
  mutable std::mutex mutex_;
  std::map<NodeId, std::string> addresses_;
};

}  // namespace mosaic::replication
