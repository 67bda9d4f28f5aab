// Families whose numbers are read when Prometheus comes, from atomics or the kernel: for
// Collectables of our own beside the instruments that prometheus-cpp keeps.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/labels.h>
#include <prometheus/metric_family.h>

namespace mosaic::metrics {

using prometheus::Labels;
using prometheus::MetricFamily;
using prometheus::MetricType;
using MetricFamilies = std::vector<MetricFamily>;

inline prometheus::ClientMetric labelled(const Labels& labels) {
  prometheus::ClientMetric sample;
  for (const auto& [name, value] : labels) sample.label.push_back({name, value});
  return sample;
}

inline MetricFamily gauge_family(const char* name, const char* help) {
  return {name, help, MetricType::Gauge, {}};
}

inline MetricFamily counter_family(const char* name, const char* help) {
  return {name, help, MetricType::Counter, {}};
}

/// A summary without quantiles: how many there were and their sum.
inline MetricFamily summary_family(const char* name, const char* help) {
  return {name, help, MetricType::Summary, {}};
}

/// Of a gauge or a counter.
inline void add_value(MetricFamily& family, const Labels& labels, double value) {
  auto sample = labelled(labels);
  (family.type == MetricType::Counter ? sample.counter.value : sample.gauge.value) = value;
  family.metric.push_back(std::move(sample));
}

inline void add_summary(MetricFamily& family, const Labels& labels, std::uint64_t count,
                        double sum) {
  auto sample = labelled(labels);
  sample.summary.sample_count = count;
  sample.summary.sample_sum = sum;
  family.metric.push_back(std::move(sample));
}

}  // namespace mosaic::metrics
