#include "replication/address_book.hpp"

namespace mosaic::replication {

void AddressBook::set(NodeId node, std::string address) {
  const std::lock_guard lock(mutex_);
  addresses_[node] = std::move(address);
}

std::optional<std::string> AddressBook::find(NodeId node) const {
  const std::lock_guard lock(mutex_);
  const auto known = addresses_.find(node);
  if (known == addresses_.end()) return std::nullopt;
  return known->second;
}

}  // namespace mosaic::replication
