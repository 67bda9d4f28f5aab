// Two samples of one node and what happened between them: rates of counters, means and quantiles of
// histograms. Pure. A series that is missing gives no number, never a zero.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/top/sample.hpp"

namespace mosaic::cli::top {

using Number = std::optional<double>;

/// The q-quantile of `buckets` (upper bound -> observations up to it, cumulative), interpolated
/// linearly within its bucket as Prometheus' histogram_quantile() does (promql/quantile.go,
/// bucketQuantile): the lowest bucket begins at 0; past the last finite bound the answer is that
/// bound. None without observations or without a bucket +Inf.
Number bucket_quantile(double q, const std::map<double, double>& buckets);

class Interval {
 public:
  /// Both outlive the interval.
  Interval(const Sample& before, const Sample& now);

  double seconds() const { return seconds_; }
  const Sample& now() const { return now_; }

  /// The sum of the series with these labels as they stand now.
  Number gauge(std::string_view name, const Labels& labels = {}) const;

  /// By how much the counters grew. One that fell has begun anew at 0, and all of them have when
  /// the process was started in between; one that was not there before has begun at 0, too.
  Number increase(std::string_view name, const Labels& labels = {}) const;

  /// The same per second; none when no time has passed.
  Number rate(std::string_view name, const Labels& labels = {}) const;

  /// Mean of what a histogram or summary observed in the interval; none when it was nothing.
  Number mean(const std::string& name, const Labels& labels = {}) const;

  /// Of what the histograms observed in the interval, taken together; in their unit.
  Number quantile(double q, const std::string& name, const Labels& labels = {}) const;

  /// The combinations of values that these labels have among the series of a name.
  std::set<Labels> groups(std::string_view name, const std::vector<std::string>& keys) const;

 private:
  const Family& family(std::string_view name) const;
  double grown(std::string_view name, const Labels& labels, double value) const;

  const Sample& before_;
  const Sample& now_;
  double seconds_;
  bool restarted_;
};

}  // namespace mosaic::cli::top
