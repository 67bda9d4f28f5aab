// Asks an embedding endpoint with OpenAI's interface (POST /v1/embeddings) for vectors. Blocks: it
// belongs to one thread at a time, whose connection it keeps. Every call ends by its deadline.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "mosaic/document.hpp"
#include "net/http_client.hpp"
#include "text/endpoint_name.hpp"

namespace mosaic::text {

/// Time as the embedder sees it; tests bring their own.
struct WaitingClock {
  std::function<TimePoint()> now;
  std::function<void(std::chrono::milliseconds)> pause;
  static WaitingClock real();
};

class OpenAiEmbedder {
 public:
  struct Options {
    std::string api_key;                ///< sent as a bearer token; empty: none
    std::uint32_t timeout_ms = 10'000;  ///< of one attempt
    std::uint32_t attempts_max = 3;
  };

  explicit OpenAiEmbedder(Options options, WaitingClock clock = WaitingClock::real());

  /// One vector for each text, in one request: how many texts an endpoint takes at a time is the
  /// caller's to know, as is that it refuses blank ones. `dimension` 0 takes any. Refused
  /// connections, 429 and 5xx are tried again after doubling pauses, or what Retry-After says, as
  /// long as the deadline allows. Errors: unavailable when the endpoint is down, refuses or answers
  /// nonsense, deadline_exceeded when it is slow; both name the URL, neither the key.
  Result<std::vector<Vector>> embed(const Endpoint& endpoint, std::uint32_t dimension,
                                    const std::vector<std::string>& texts, Deadline deadline);

 private:
  struct Attempt;
  Attempt attempt(const Endpoint& endpoint, std::uint32_t dimension,
                  const std::vector<std::string>& texts, std::chrono::milliseconds timeout);
  Attempt judge(net::HttpReply reply, std::size_t count, std::uint32_t dimension) const;

  Options options_;
  WaitingClock clock_;
  net::HttpClient client_;
};

}  // namespace mosaic::text
