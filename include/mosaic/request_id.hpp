// The name of a writing request, by which a repeat is known for one: of the same method, path and
// Idempotency-Key come the same 128 bits.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace mosaic {

/// Longest time for which a repeat may be known, in seconds.
constexpr std::uint32_t kIdempotencyWindowMaxS = 7 * 86'400;

/// All zero: the request has no name, and every repeat is a request of its own.
struct RequestId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  /// For how long a repeat counts as one; 0: kIdempotencyWindowMaxS.
  std::uint32_t window_s = 0;

  explicit operator bool() const { return high != 0 || low != 0; }
  std::int64_t window_ms() const {
    return std::int64_t{1'000} * (window_s == 0 ? kIdempotencyWindowMaxS : window_s);
  }
  /// The window is no part of the name.
  friend bool operator==(const RequestId& a, const RequestId& b) {
    return a.high == b.high && a.low == b.low;
  }
  friend auto operator<=>(const RequestId& a, const RequestId& b) {
    if (const auto order = a.high <=> b.high; order != 0) return order;
    return a.low <=> b.low;
  }
};

/// How a request was answered, so that a repeat hears the same.
struct RememberedAnswer {
  RequestId request;
  std::string digest;  ///< of what it asked for besides its name
  std::uint32_t status = 200;
  std::string content_type;
  std::string location;  ///< where the answer points to; empty: nowhere
  std::string body;
  friend bool operator==(const RememberedAnswer&, const RememberedAnswer&) = default;
};

}  // namespace mosaic
