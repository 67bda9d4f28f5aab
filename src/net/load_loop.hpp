// Drives many requests over many kept-alive connections from one thread: the engine of a load
// generator. When to send what, and what an answer means, is the port's. Sockets are waited for by
// epoll to the nanosecond, as requests are due at points in time; libcurl does the HTTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/deadline.hpp"
#include "mosaic/result.hpp"

namespace mosaic::net {

constexpr std::size_t kLoadConnectionsMax = 10'000;

struct LoadTarget {
  std::string url;  ///< without a slash at its end
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::size_t connections = 1;
  std::uint32_t timeout_ms = 30'000;  ///< for each request, connecting included
};

struct LoadRequest {
  std::string method;
  std::string path;  ///< with its query
  std::string body;
};

struct LoadReply {
  int status = 0;                    ///< 0: there is no answer
  std::string_view body = {};        ///< as long as the call lasts
  std::optional<Error> error = {};   ///< why there is no answer
  std::uint64_t bytes_sent = 0;      ///< heads and bodies
  std::uint64_t bytes_received = 0;  ///< heads and bodies
};

/// Decides and learns; called on the thread of the loop only.
class LoadPort {
 public:
  virtual ~LoadPort() = default;

  /// When next() has a request to give; TimePoint::max() when it never will have one again.
  virtual TimePoint next_due() const = 0;

  /// Fills in a request that is due at `now`, for a connection that was free since `free_since`.
  /// False when there is none.
  virtual bool next(std::uint32_t connection, TimePoint free_since, TimePoint now,
                    LoadRequest& request) = 0;

  virtual void answered(std::uint32_t connection, const LoadReply& reply, TimePoint now) = 0;

  /// Asked at least every 50 ms. False ends the loop; requests under way are given up.
  virtual bool goes_on(TimePoint now) = 0;
};

class LoadLoop {
 public:
  /// Throws Failure (invalid_argument) for an address or header that cannot be used.
  explicit LoadLoop(const LoadTarget& target);
  ~LoadLoop();
  LoadLoop(const LoadLoop&) = delete;
  LoadLoop& operator=(const LoadLoop&) = delete;

  /// Until the port has no more requests and all are answered, or it does not go on. Gives the
  /// number of requests that were given up.
  std::size_t run(LoadPort& port);

 private:
  class Lanes;
  std::unique_ptr<Lanes> lanes_;
};

/// Lets this process open so many sockets beside its other files. Error (invalid_argument) when the
/// hard limit is lower.
Status allow_connections(std::size_t connections);

}  // namespace mosaic::net
