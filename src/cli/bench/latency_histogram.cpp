#include "cli/bench/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mosaic::cli {
namespace {

constexpr unsigned kOctaveBits = 9;  ///< 512 buckets for each power of two
constexpr std::uint64_t kOctave = 1 << kOctaveBits;
constexpr LatencyHistogram::Time kTimeMax = std::chrono::hours(1);

/// Times below 2 * kOctave ns have a bucket each.
std::size_t bucket_of(std::uint64_t ns) {
  if (ns < kOctave) return ns;
  const auto shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - kOctaveBits;
  return shift * kOctave + (ns >> shift);
}

/// The largest time of a bucket.
std::uint64_t upper_edge(std::size_t bucket) {
  if (bucket < kOctave) return bucket;
  const auto shift = bucket / kOctave - 1;
  return ((bucket - shift * kOctave + 1) << shift) - 1;
}

}  // namespace

void LatencyHistogram::record(Time time) {
  time = std::clamp(time, Time{0}, kTimeMax);
  const auto bucket = bucket_of(static_cast<std::uint64_t>(time.count()));
  if (bucket >= counts_.size()) counts_.resize(bucket + 1);
  ++counts_[bucket];
  ++count_;
  min_ = std::min(min_, time);
  max_ = std::max(max_, time);
  sum_ns_ += static_cast<double>(time.count());
}

LatencyHistogram::Time LatencyHistogram::percentile(double share) const {
  if (count_ == 0) return Time{0};
  const auto rank = std::clamp<std::uint64_t>(
      static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank) return std::min(max_, Time(upper_edge(bucket)));
  }
  return max_;
}

double LatencyHistogram::mean_ns() const {
  return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_);
}

void LatencyHistogram::clear() {
  *this = LatencyHistogram();
}

}  // namespace mosaic::cli
