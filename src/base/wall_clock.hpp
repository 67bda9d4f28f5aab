// The time of day, for what outlives the process. What is measured uses a steady clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace mosaic {

/// Milliseconds since 1970, in UTC. May jump.
inline std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace mosaic
