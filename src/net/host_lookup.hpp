// Finds the addresses of a host within a time. Resolvers know no timeout: a name server that is
// away holds them up for many seconds, so a name is looked up on a thread of its own.
#pragma once

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::net {

class HostLookup {
 public:
  explicit HostLookup(std::string host) : host_(std::move(host)) {}

  /// Numeric addresses, IPv4 or IPv6, in the resolver's order. A lookup that takes longer than
  /// `limit` goes on, and the next call gets what it found: never is more than one under way.
  /// Errors: unavailable, deadline_exceeded.
  Result<std::vector<std::string>> addresses(std::chrono::milliseconds limit);

 private:
  std::string host_;
  std::future<Result<std::vector<std::string>>> pending_;
};

}  // namespace mosaic::net
