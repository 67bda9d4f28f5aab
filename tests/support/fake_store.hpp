// A shared store in memory, for tests of what stands on one: it fails and takes time as told.
#pragma once

#include <functional>
#include <map>

#include "net/shared_store.hpp"

namespace mosaic::test {

/// What outlives a store, as a server does its connections.
struct FakeServer {
  std::map<std::string, std::string> values;
  std::optional<Error> failure;
  std::vector<std::chrono::milliseconds> budgets;  ///< of all calls
  std::uint32_t ttl_s = 0;                         ///< of the last put
  std::function<void(std::chrono::milliseconds budget)> on_call = [](auto) {};
};

class FakeStore final : public net::SharedStore {
 public:
  explicit FakeStore(FakeServer& server) : server_(server) {}

  Result<Values> get(const std::vector<std::string>& keys,
                     std::chrono::milliseconds budget) override {
    if (const auto failure = called(budget)) return *failure;
    Values values(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto found = server_.values.find(keys[i]);
      if (found != server_.values.end()) values[i] = found->second;
    }
    return values;
  }

  Status put(const std::vector<Entry>& entries, std::uint32_t ttl_s,
             std::chrono::milliseconds budget) override {
    if (const auto failure = called(budget)) return *failure;
    server_.ttl_s = ttl_s;
    for (const auto& [key, value] : entries) server_.values[key] = value;
    return {};
  }

 private:
  std::optional<Error> called(std::chrono::milliseconds budget) {
    server_.budgets.push_back(budget);
    server_.on_call(budget);
    return server_.failure;
  }

  FakeServer& server_;
};

}  // namespace mosaic::test
