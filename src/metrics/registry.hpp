// How the instruments of a node are made: shorter spellings over prometheus-cpp. Names and units
// follow Prometheus' conventions (prometheus.io, "Metric and label naming").
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace mosaic::metrics {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;
using Counters = prometheus::Family<Counter>;
using Gauges = prometheus::Family<Gauge>;
using Histograms = prometheus::Family<Histogram>;

/// Upper bounds in seconds: from a cached read to a request that ran into its timeout.
inline const Histogram::BucketBoundaries kSeconds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

inline Counters& counters(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

inline Gauges& gauges(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

inline Histograms& histograms(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

inline Counter& counter(Registry& registry, const char* name, const char* help) {
  return counters(registry, name, help).Add({});
}

inline Gauge& gauge(Registry& registry, const char* name, const char* help) {
  return gauges(registry, name, help).Add({});
}

inline Histogram& histogram(Registry& registry, const char* name, const char* help) {
  return histograms(registry, name, help).Add({}, kSeconds);
}

}  // namespace mosaic::metrics
