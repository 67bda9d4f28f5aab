// The process and its disk as the kernel sees them, read when Prometheus comes. The names are those
// that Prometheus' client libraries agree on.
#pragma once

#include <filesystem>
#include <mutex>

#include "metrics/process_numbers.hpp"
#include "metrics/sampled_family.hpp"

namespace mosaic::metrics {

class ProcessMetrics : public prometheus::Collectable {
 public:
  /// Whose file system is measured.
  void data_folder(std::filesystem::path folder);

  MetricFamilies Collect() const override;

 private:
  void add_disk(MetricFamilies& families) const;

  const double boot_time_ = read_boot_time();
  mutable std::mutex mutex_;
  std::filesystem::path folder_;  ///< empty: not known yet
};

}  // namespace mosaic::metrics
