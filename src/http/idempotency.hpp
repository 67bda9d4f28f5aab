// Requests with an Idempotency-Key are done once: a repeat waits for the first while that is under
// way, and gets its answer, byte for byte, also after a restart, until the window has passed
// (draft-ietf-httpapi-idempotency-key-header, with our codes). One for all routes of a server;
// thread-safe. What it holds is bounded by the connections that wait.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "http/route.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::http {

inline constexpr std::string_view kIdempotencyKey = "Idempotency-Key";
constexpr std::size_t kIdempotencyKeyBytesMax = 255;
/// A larger answer is given but not remembered.
constexpr std::size_t kRememberedBodyBytesMax = 1 << 20;

/// The name of a request with this key; the path is that of `target`, without the query. Throws
/// invalid_argument when the key is not 1 to 255 visible ASCII characters.
RequestId request_id(std::string_view method, std::string_view target, std::string_view key,
                     std::uint32_t window_s);

class Idempotency : public std::enable_shared_from_this<Idempotency> {
 public:
  /// The engine outlives it and everything that it has started.
  Idempotency(Engine& engine, std::uint32_t window_s) : engine_(engine), window_s_(window_s) {}

  /// Does by `handler` what was not done yet. Answers of success are remembered; a request that
  /// failed may be tried again. Throws as request_id().
  void serve(Call call, Respond respond, const Handler& handler);

 private:
  struct UnderWay {
    std::string digest;
    std::vector<Respond> waiting;  ///< for the answer of the first, who is among them
  };
  enum class Place { kFirst, kWaits, kDiffers };

  Place enter(const RequestId& id, const std::string& digest, Respond respond);
  void leave(const RequestId& id, const Response& response);
  void begin(Call call, const std::string& digest, const Handler& handler);
  void answered(const RequestId& id, const std::string& digest, Response response);

  Engine& engine_;
  const std::uint32_t window_s_;
  std::mutex mutex_;  ///< guards what follows; held while nobody is called
  std::map<RequestId, UnderWay> under_way_;
};

/// Lets every route that takes a key be served by `idempotency` where one is sent.
void serve_once(std::vector<Route>& routes, const std::shared_ptr<Idempotency>& idempotency);

}  // namespace mosaic::http
