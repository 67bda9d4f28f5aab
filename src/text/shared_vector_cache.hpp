// Vectors that endpoints gave, in a store that several nodes share. No text ever goes there:
// entries are named by a hash of embedder, dimension and text. What the store holds is not trusted:
// a value that is not exactly what a node puts under its key is a miss. A store that is away or
// slow makes misses, never errors, and costs its timeout once; then it is left alone for a while.
// Belongs to one thread; the circuit breaker is shared.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/deadline.hpp"
#include "mosaic/document.hpp"
#include "net/shared_store.hpp"
#include "text/circuit_breaker.hpp"

namespace mosaic::text {

/// Texts that were looked up, by what came of it.
struct SharedLookups {
  std::size_t hits = 0;
  std::size_t misses = 0;
  std::size_t errors = 0;  ///< the store was not asked, or gave no answer

  friend bool operator==(const SharedLookups&, const SharedLookups&) = default;
};

/// Under which name a vector is kept: "mosaic:v1:" and the hash. It and the value are a format that
/// nodes of several versions share: what changes them changes the version.
std::string shared_key(std::string_view embedder, std::uint32_t dimension, std::string_view text);

/// Dimension (u32), numbers (float32), checksum of key and both (u64); all little-endian.
std::string encode_shared(std::string_view key, const Vector& vector);

/// Nothing unless it is the value of that key and has `dimension` finite numbers, one of them not
/// 0.
std::optional<Vector> decode_shared(std::string_view key, std::string_view value,
                                    std::uint32_t dimension);

class SharedVectorCache {
 public:
  struct Options {
    std::chrono::milliseconds timeout{50};  ///< of one exchange with the store
    std::uint32_t ttl_s = 604'800;
  };
  using Clock = std::function<TimePoint()>;

  SharedVectorCache(std::unique_ptr<net::SharedStore> store,
                    std::shared_ptr<CircuitBreaker> breaker, Options options,
                    Clock clock = &std::chrono::steady_clock::now)
      : store_(std::move(store)),
        breaker_(std::move(breaker)),
        options_(options),
        clock_(std::move(clock)) {}

  /// For each text its vector, where the store has it. Takes at most half of the time that is left:
  /// the rest is the endpoint's.
  std::vector<std::optional<Vector>> get(std::string_view embedder, std::uint32_t dimension,
                                         const std::vector<std::string>& texts, Deadline deadline);

  /// Keeps `vectors`, one for each of `texts`.
  void put(std::string_view embedder, std::uint32_t dimension,
           const std::vector<std::string>& texts, const std::vector<Vector>& vectors,
           Deadline deadline);

  /// Since the last call.
  SharedLookups take_lookups() { return std::exchange(lookups_, {}); }

 private:
  std::chrono::milliseconds budget(Deadline deadline) const;
  bool may_ask(std::chrono::milliseconds budget);
  void learn(const Error* failure, std::chrono::milliseconds budget);

  std::unique_ptr<net::SharedStore> store_;
  std::shared_ptr<CircuitBreaker> breaker_;
  Options options_;
  Clock clock_;
  SharedLookups lookups_;
  std::chrono::milliseconds lost_{0};  ///< waiting for nothing, since it last answered or failed
};

}  // namespace mosaic::text
