// What a load generator has seen: for each operation latencies, statuses, codes of problems and
// bytes, and all of it over time. Answers come in the order of their time. One thread. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "cli/bench/latency_histogram.hpp"
#include "cli/bench/mix.hpp"

namespace mosaic::cli {

/// One request that has ended.
struct BenchAnswer {
  Operation operation = Operation::kText;
  TimePoint due;         ///< latency counts from here
  TimePoint free_since;  ///< of its connection
  TimePoint sent;
  TimePoint answered;
  int status = 0;         ///< 0: there was no answer
  std::string code = {};  ///< of the problem, or why there was no answer; empty: none is known
  bool partial = false;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;

  bool ok() const { return status >= 200 && status < 300; }
};

struct BenchFigures {
  std::uint64_t requests = 0;
  std::uint64_t ok = 0;
  std::uint64_t partial = 0;  ///< of the ok ones
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::map<int, std::uint64_t> statuses;  ///< 0: no answer
  std::map<std::string, std::uint64_t> codes;
  LatencyHistogram latency;         ///< of the ok ones
  LatencyHistogram failed_latency;  ///< of the others

  void add(const BenchAnswer& answer);
};

/// What was answered within a stretch of time.
struct BenchInterval {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  LatencyHistogram::Time p50{0};  ///< of the ok ones
  LatencyHistogram::Time p99{0};
};

class BenchTally {
 public:
  BenchTally(TimePoint start, std::chrono::milliseconds interval)
      : start_(start), last_(start), interval_(interval) {}

  void add(const BenchAnswer& answer);
  /// Nothing more will come: the last interval is complete.
  void finish();

  const BenchFigures& all() const { return all_; }
  const BenchFigures& of(Operation operation) const {
    return operations_[static_cast<std::size_t>(operation)];
  }
  /// How long requests that were due waited until a connection was free.
  const LatencyHistogram& waiting() const { return waiting_; }
  /// How much later than possible this program sent them.
  const LatencyHistogram& lag() const { return lag_; }
  const std::vector<BenchInterval>& intervals() const { return intervals_; }
  std::chrono::milliseconds interval() const { return interval_; }
  /// From the start to the last answer.
  std::chrono::duration<double> seconds() const { return last_ - start_; }

 private:
  void close_interval();

  const TimePoint start_;
  TimePoint last_;
  const std::chrono::milliseconds interval_;
  BenchFigures all_;
  std::array<BenchFigures, kOperations> operations_;
  LatencyHistogram waiting_;
  LatencyHistogram lag_;
  std::vector<BenchInterval> intervals_;
  BenchInterval current_;
  LatencyHistogram current_latency_;
};

/// A round length that cuts `duration` into 50 intervals at most.
std::chrono::milliseconds interval_for(std::chrono::milliseconds duration);

}  // namespace mosaic::cli
