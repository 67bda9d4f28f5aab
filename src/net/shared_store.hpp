// A store of bytes by key outside the process, which several nodes share. It may forget anything at
// any time. One object belongs to one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::net {

class SharedStore {
 public:
  using Values = std::vector<std::optional<std::string>>;

  struct Entry {
    std::string key;
    std::string value;
  };

  virtual ~SharedStore() = default;

  /// One value or nothing for each key, in their order. Ends within `budget`, connecting included.
  /// Errors: unavailable, deadline_exceeded once the budget is used up.
  virtual Result<Values> get(const std::vector<std::string>& keys,
                             std::chrono::milliseconds budget) = 0;

  /// Keeps each entry for `ttl_s` seconds. A failure may leave some of them stored. Errors as
  /// above.
  virtual Status put(const std::vector<Entry>& entries, std::uint32_t ttl_s,
                     std::chrono::milliseconds budget) = 0;
};

}  // namespace mosaic::net
