#include "cli/bench/tally.hpp"

#include <algorithm>

namespace mosaic::cli {

void BenchFigures::add(const BenchAnswer& answer) {
  const auto time = answer.answered - answer.due;
  ++requests;
  ++statuses[answer.status];
  if (!answer.code.empty()) ++codes[answer.code];
  bytes_sent += answer.bytes_sent;
  bytes_received += answer.bytes_received;
  if (!answer.ok()) return failed_latency.record(time);
  ++ok;
  partial += answer.partial;
  latency.record(time);
}

void BenchTally::add(const BenchAnswer& answer) {
  last_ = std::max(last_, answer.answered);
  const auto number = static_cast<std::size_t>((answer.answered - start_) / interval_);
  while (intervals_.size() < number) close_interval();
  all_.add(answer);
  operations_[static_cast<std::size_t>(answer.operation)].add(answer);
  waiting_.record(answer.free_since - answer.due);
  lag_.record(answer.sent - std::max(answer.due, answer.free_since));
  ++current_.requests;
  answer.ok() ? current_latency_.record(answer.answered - answer.due) : void(++current_.errors);
}

void BenchTally::finish() {
  if (current_.requests != 0) close_interval();
}

void BenchTally::close_interval() {
  current_.p50 = current_latency_.percentile(0.5);
  current_.p99 = current_latency_.percentile(0.99);
  intervals_.push_back(current_);
  current_ = {};
  current_latency_.clear();
}

std::chrono::milliseconds interval_for(std::chrono::milliseconds duration) {
  constexpr std::int64_t kIntervals = 50;
  for (const int ms : {100, 200, 500, 1'000, 2'000, 5'000, 10'000, 30'000, 60'000, 300'000}) {
    if (ms * kIntervals >= duration.count()) return std::chrono::milliseconds(ms);
  }
  return std::chrono::milliseconds(2'000'000);
}

}  // namespace mosaic::cli
