// Lines of the node's own log, by how bad the news was.
#pragma once

#include <string_view>

#include "metrics/registry.hpp"

namespace mosaic::metrics {

class LogLineMetrics {
 public:
  explicit LogLineMetrics(Registry& registry) {
    auto& lines =
        counters(registry, "mosaic_log_lines_total", "Lines logged as warn, error or critical");
    warn_ = &lines.Add({{"level", "warn"}});
    error_ = &lines.Add({{"level", "error"}});
    critical_ = &lines.Add({{"level", "critical"}});
  }

  /// `level`: warn, error or critical; others are not counted. From any thread.
  void line(std::string_view level) {
    if (level == "warn") warn_->Increment();
    if (level == "error") error_->Increment();
    if (level == "critical") critical_->Increment();
  }

 private:
  Counter* warn_;
  Counter* error_;
  Counter* critical_;
};

}  // namespace mosaic::metrics
