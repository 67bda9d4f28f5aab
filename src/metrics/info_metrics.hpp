// Who the node is: which build under which name, since when, and whether it is ready.
#pragma once

#include <atomic>
#include <string>

#include "base/deadline.hpp"
#include "metrics/registry.hpp"

namespace mosaic::metrics {

class InfoMetrics {
 public:
  explicit InfoMetrics(Registry& registry);

  /// `kernels`: the instruction set that vectors are compared with. Once, at the start.
  void identify(const std::string& version, const std::string& node, const std::string& kernels);

  /// The node has been told to end: it is not ready any more, whatever it still serves.
  void end() { ending_ = true; }
  bool ending() const { return ending_; }

  /// As of a scrape.
  void tell(bool ready, TimePoint now);

 private:
  const TimePoint started_ = std::chrono::steady_clock::now();
  Gauges& build_;
  Gauges& node_;
  Gauge& ready_;
  Gauge& uptime_;
  std::atomic<bool> ending_ = false;
};

}  // namespace mosaic::metrics
