// A small blocking HTTP client over libcurl. One client belongs to one thread at a time and keeps
// its connection between requests; several threads use several clients. Redirects are not followed.
// Every request ends: by its answer, by its timeouts or by an error.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::net {

constexpr std::size_t kReplyBytesMax = 256 << 20;  ///< of an answer that is held in memory

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::uint32_t connect_timeout_ms = 5'000;
  std::uint32_t timeout_ms = 30'000;  ///< for the whole request; 0: only stalling ends it
  std::uint32_t stall_timeout_s = 0;  ///< ended when so long nothing has moved; 0: never

  /// Gets the body of a 2xx answer piece by piece instead of HttpReply::body; false ends the
  /// request. The bodies of other answers are small and stay in the reply.
  std::function<bool(std::string_view)> on_body = {};
  std::stop_token stop = {};  ///< ends the request within a second or so: unavailable
};

struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body = {};

  /// The first header of that lower-case name.
  std::optional<std::string> header(std::string_view name) const;
};

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Any status is an answer. Errors: invalid_argument for a request that cannot be sent,
  /// unavailable when nobody listens or the answer broke off, deadline_exceeded past a timeout,
  /// payload_too_large past kReplyBytesMax.
  Result<HttpReply> send(const HttpRequest& request);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace mosaic::net
