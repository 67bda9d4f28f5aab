// What a load generator has seen: latencies by status, what went wrong, and the memory of the
// server. Belongs to one thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace mosaic::bench {

using Clock = std::chrono::steady_clock;

struct LoadTally {
  std::uint64_t offered = 0;  ///< requests that the rate asked for
  std::uint64_t no_room = 0;  ///< of these, not sent because every connection was busy
  std::uint64_t lost = 0;     ///< sent, and the connection ended before the answer
  std::uint64_t unanswered = 0;
  std::uint64_t idle_lost = 0;  ///< connections that ended while idle or were not made
  /// By status and by whether the answer is partial: such a one ends at its deadline.
  std::map<std::pair<int, bool>, std::vector<Clock::duration>> latencies;
  std::vector<Clock::duration> lags;  ///< how much later than due requests were sent
  std::uint64_t rss_start = 0;        ///< bytes
  std::uint64_t rss_peak = 0;
};

/// Bytes of memory that a process uses; 0 when it is not there.
std::uint64_t rss_of(pid_t pid);

/// Prints to stdout; `took` is the time in which requests were sent.
void print(LoadTally tally, Clock::duration took);

}  // namespace mosaic::bench
