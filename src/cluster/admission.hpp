// The door of a node: how many requests of a kind are worked on at a time. Bursts are let in up to
// a maximum. Whoever comes when that is reached finds the door overloaded: from then on only a few
// are let in at a time, so that they need not wait for each other, until nobody had to be refused
// for a while. Any thread may call; time is an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/deadline.hpp"
#include "base/node_settings.hpp"

namespace mosaic::cluster {

/// How long nobody is refused until an overloaded door takes bursts again. Well below the one
/// second that a refused client is asked to stay away: those who do find the door open.
constexpr std::chrono::milliseconds kCalmAfterOverload{500};

/// For two cores: what saturates them, with one waiting to be the next at hand.
constexpr std::size_t kOverloadedPerTwoCores = 3;

/// A burst that an ordinary client with many connections makes.
constexpr std::size_t kBurstMin = 64;
constexpr std::size_t kBurstPerCore = 32;

struct AdmissionLimits {
  std::size_t in_flight_max = kBurstMin;
  std::size_t in_flight_overload = kBurstMin;  ///< while overloaded; never more than in_flight_max
};

/// A door as of a moment.
struct AdmissionState {
  std::size_t in_flight = 0;
  std::size_t limit = 0;  ///< of requests let in at a time now
  bool overloaded = false;
  std::uint64_t refusals = 0;  ///< since the start
};

/// Those of searches on a machine of so many cores.
AdmissionLimits admission_limits(const NodeSettings::Search& search, std::size_t cores);

class Admission {
 public:
  explicit Admission(AdmissionLimits limits);

  /// Whether a request may come in at `now`. Each one let in must leave() once.
  bool enter(TimePoint now);
  void leave();

  std::size_t in_flight() const;
  AdmissionState state(TimePoint now) const;

 private:
  bool overloaded(TimePoint now) const;
  std::size_t limit(TimePoint now) const;

  const AdmissionLimits limits_;
  mutable std::mutex mutex_;
  std::size_t in_flight_ = 0;
  std::uint64_t refusals_ = 0;
  std::optional<TimePoint> last_refusal_;
};

}  // namespace mosaic::cluster
