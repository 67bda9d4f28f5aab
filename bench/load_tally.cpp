#include "load_tally.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

namespace mosaic::bench {
namespace {

constexpr double kMegabyte = 1 << 20;

double ms(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// Of sorted values: the smallest that a `share` of them does not exceed (nearest rank).
double percentile_ms(const std::vector<Clock::duration>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = std::ceil(share * static_cast<double>(sorted.size()));
  return ms(sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1]);
}

void print_row(const std::string& name, std::vector<Clock::duration>& times, double took_s) {
  std::sort(times.begin(), times.end());
  std::printf("%-12s %9zu %9.1f %9.2f %9.2f %9.2f %9.2f\n", name.c_str(), times.size(),
              static_cast<double>(times.size()) / took_s, percentile_ms(times, 0.5),
              percentile_ms(times, 0.95), percentile_ms(times, 0.99), percentile_ms(times, 1));
}

}  // namespace

std::uint64_t rss_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void print(LoadTally tally, Clock::duration took) {
  const double took_s = std::chrono::duration<double>(took).count();
  std::printf("%-12s %9s %9s %9s %9s %9s %9s\n", "status", "answers", "per s", "p50 ms", "p95 ms",
              "p99 ms", "max ms");
  for (auto& [kind, times] : tally.latencies) {
    print_row(std::to_string(kind.first) + (kind.second ? " partial" : ""), times, took_s);
  }
  // When the client itself is late, its figures are not the server's.
  print_row("lag", tally.lags, took_s);
  std::printf("offered %lu (%.1f per s), not sent because all connections were busy %lu\n",
              tally.offered, static_cast<double>(tally.offered) / took_s, tally.no_room);
  std::printf(
      "errors: %lu lost before the answer, %lu unanswered, %lu connections lost while idle or not "
      "made\n",
      tally.lost, tally.unanswered, tally.idle_lost);
  if (tally.rss_peak == 0) return;
  std::printf("server memory: %.1f MiB at start, %.1f MiB at peak\n",
              static_cast<double>(tally.rss_start) / kMegabyte,
              static_cast<double>(tally.rss_peak) / kMegabyte);
}

}  // namespace mosaic::bench
