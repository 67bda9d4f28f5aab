// A shared store in a Redis server, over hiredis. Blocks: it belongs to one thread at a time, whose
// connection it keeps. Every call ends within its budget, however slowly the server answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/deadline.hpp"
#include "net/host_lookup.hpp"
#include "net/redis_url.hpp"
#include "net/shared_store.hpp"

namespace mosaic::net {

class RedisClient final : public SharedStore {
 public:
  /// Connects when it is first needed, and again after a failure; how long to leave a server alone
  /// that has failed is the caller's to know.
  explicit RedisClient(RedisUrl url);
  ~RedisClient() override;

  /// MGET. Keys and values may hold any bytes. A key that holds no string has no value. A
  /// connection that broke while it was idle is made anew without an error.
  Result<Values> get(const std::vector<std::string>& keys,
                     std::chrono::milliseconds budget) override;

  /// One SET with EX for each entry, sent together. Unavailable, too, when Redis refuses one of
  /// them.
  Status put(const std::vector<Entry>& entries, std::uint32_t ttl_s,
             std::chrono::milliseconds budget) override;

 private:
  class Connection;
  struct Question;
  struct Replies;

  void connect(const Question& question);
  void log_in(Connection& connection, Deadline deadline) const;
  Replies exchange(const Question& question);
  Replies ask(const Question& question);

  const RedisUrl url_;
  const std::string name_;  ///< for errors: without a password
  HostLookup host_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace mosaic::net
