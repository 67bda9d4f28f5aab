// Speaks to a running node over its HTTP API. One client belongs to one thread.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/failure.hpp"
#include "net/http_client.hpp"

namespace mosaic::cli {

/// Where the node is and who asks.
struct Server {
  std::string url;
  std::string api_key;  ///< empty: none is sent
};

struct ApiAnswer {
  int status = 0;
  std::string body;
  std::optional<std::string> retry_after;

  bool ok() const { return status >= 200 && status < 300; }
  /// The body; throws Failure when it is not JSON.
  nlohmann::json json() const;
};

// A batch may wait in the node's queue and then for its embedder.
constexpr std::uint32_t kApiTimeoutMs = 300'000;

class ApiClient {
 public:
  /// `timeout_ms` is for each whole request but downloads.
  explicit ApiClient(Server server, std::uint32_t timeout_ms = kApiTimeoutMs);

  /// `path` begins with "/". Whatever the node answers; throws Failure when there is no answer.
  /// With an `idempotency_key`, a repeat does nothing twice.
  ApiAnswer send(const std::string& method, const std::string& path, std::string body = "",
                 const std::string& idempotency_key = "");

  /// A successful answer; throws Failure for a problem.
  ApiAnswer call(const std::string& method, const std::string& path, std::string body = "");

  /// Gives the body of a successful answer piece by piece; throws Failure for a problem and when
  /// the stream breaks off.
  void download(const std::string& path, std::function<bool(std::string_view)> on_body);

 private:
  net::HttpRequest request(const std::string& method, const std::string& path) const;
  net::HttpReply reply_to(const net::HttpRequest& request);

  Server server_;
  std::uint32_t timeout_ms_;
  net::HttpClient http_;
};

/// "/api/v1/collections/NAME" and what follows; the name is escaped.
std::string collection_path(std::string_view collection, std::string_view rest = "");

/// What a problem document (RFC 9457) says: "detail (code)".
Failure problem(const ApiAnswer& answer);

/// The parts of a problem document; both empty when the answer is none.
struct Problem {
  std::string detail;
  std::string code;
};
Problem parse_problem(const ApiAnswer& answer);

}  // namespace mosaic::cli
