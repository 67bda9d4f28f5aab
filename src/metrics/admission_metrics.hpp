// The doors of a node. Whether a door is overloaded ends by time alone, so their state is read when
// Prometheus comes, from what guards them.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <string_view>

#include "metrics/sampled_family.hpp"

namespace mosaic::metrics {

enum class Door : std::uint8_t { kSearch, kWrite };
constexpr std::size_t kDoors = 2;

std::string_view to_string(Door door);

struct DoorState {
  std::size_t in_flight = 0;
  std::size_t limit = 0;  ///< of those let in at a time, now
  bool overloaded = false;
  std::uint64_t refusals = 0;  ///< since the start
};

class AdmissionMetrics : public prometheus::Collectable {
 public:
  /// `read` is called on threads of the server and must not wait for anybody's work.
  void watch(Door door, std::function<DoorState()> read);

  MetricFamilies Collect() const override;

 private:
  mutable std::mutex mutex_;
  std::array<std::function<DoorState()>, kDoors> doors_;
};

}  // namespace mosaic::metrics
