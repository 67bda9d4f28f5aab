#include "cli/top/interval.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mosaic::cli::top {
namespace {

Number value_of(const Sample& sample, std::string_view name, const Labels& labels) {
  const auto family = sample.series.find(name);
  if (family == sample.series.end()) return std::nullopt;
  const auto series = family->second.find(labels);
  return series == family->second.end() ? std::nullopt : Number(series->second);
}

/// The bound of a bucket; none for text that is no number.
Number bound_of(const Labels& labels) {
  const auto found = labels.find("le");
  if (found == labels.end()) return std::nullopt;
  std::string_view text = found->second;
  if (text.starts_with('+')) text.remove_prefix(1);
  double bound = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), bound).ec;
  return error == std::errc() && !std::isnan(bound) ? Number(bound) : std::nullopt;
}

}  // namespace

Number bucket_quantile(double q, const std::map<double, double>& buckets) {
  if (buckets.size() < 2 || !std::isinf(buckets.rbegin()->first)) return std::nullopt;
  double total = 0;
  for (const auto& [bound, count] : buckets) total = std::max(total, count);
  if (!(total > 0)) return std::nullopt;
  const double rank = q * total;
  double below = 0;
  double begin = 0;
  bool lowest = true;
  for (const auto& [bound, count] : buckets) {
    if (std::isinf(bound)) break;
    // Buckets are read one after another while the node goes on counting: kept from falling.
    const double until = std::max(below, count);
    if (until >= rank && until > below) {
      if (lowest && bound <= 0) return bound;
      return begin + (bound - begin) * (rank - below) / (until - below);
    }
    below = until;
    begin = bound;
    lowest = false;
  }
  return std::prev(buckets.end(), 2)->first;
}

Interval::Interval(const Sample& before, const Sample& now)
    : before_(before),
      now_(now),
      seconds_(std::chrono::duration<double>(now.at - before.at).count()),
      restarted_(value_of(before, "process_start_time_seconds", {}) !=
                 value_of(now, "process_start_time_seconds", {})) {}

const Family& Interval::family(std::string_view name) const {
  static const Family kNone;
  const auto found = now_.series.find(name);
  return found == now_.series.end() ? kNone : found->second;
}

double Interval::grown(std::string_view name, const Labels& labels, double value) const {
  const auto before = restarted_ ? std::nullopt : value_of(before_, name, labels);
  return before && value >= *before ? value - *before : value;
}

Number Interval::gauge(std::string_view name, const Labels& labels) const {
  Number sum;
  for (const auto& [each, value] : family(name)) {
    if (has_labels(each, labels)) sum = sum.value_or(0) + value;
  }
  return sum;
}

Number Interval::increase(std::string_view name, const Labels& labels) const {
  Number sum;
  for (const auto& [each, value] : family(name)) {
    if (has_labels(each, labels)) sum = sum.value_or(0) + grown(name, each, value);
  }
  return sum;
}

Number Interval::rate(std::string_view name, const Labels& labels) const {
  const auto grown_by = increase(name, labels);
  if (!grown_by || !(seconds_ > 0)) return std::nullopt;
  return *grown_by / seconds_;
}

Number Interval::mean(const std::string& name, const Labels& labels) const {
  const auto sum = increase(name + "_sum", labels);
  const auto count = increase(name + "_count", labels);
  if (!sum || !count || !(*count > 0)) return std::nullopt;
  return *sum / *count;
}

Number Interval::quantile(double q, const std::string& name, const Labels& labels) const {
  const auto bucket_name = name + "_bucket";
  std::map<double, double> buckets;
  for (const auto& [each, value] : family(bucket_name)) {
    if (!has_labels(each, labels)) continue;
    if (const auto bound = bound_of(each)) buckets[*bound] += grown(bucket_name, each, value);
  }
  return bucket_quantile(q, buckets);
}

std::set<Labels> Interval::groups(std::string_view name,
                                  const std::vector<std::string>& keys) const {
  std::set<Labels> groups;
  for (const auto& [labels, value] : family(name)) {
    Labels group;
    for (const auto& key : keys) {
      const auto found = labels.find(key);
      if (found != labels.end()) group.insert(*found);
    }
    if (group.size() == keys.size()) groups.insert(std::move(group));
  }
  return groups;
}

}  // namespace mosaic::cli::top
