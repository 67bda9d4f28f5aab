#include "metrics/process_metrics.hpp"

#include "base/machine_usage.hpp"

namespace mosaic::metrics {
namespace {

MetricFamily with_value(MetricFamily family, double value) {
  add_value(family, {}, value);
  return family;
}

MetricFamily gauge_of(const char* name, const char* help, double value) {
  return with_value(gauge_family(name, help), value);
}

MetricFamily gauge_of(const char* name, const char* help, std::uint64_t value) {
  return gauge_of(name, help, static_cast<double>(value));
}

}  // namespace

void ProcessMetrics::data_folder(std::filesystem::path folder) {
  const std::lock_guard lock(mutex_);
  folder_ = std::move(folder);
}

MetricFamilies ProcessMetrics::Collect() const {
  const auto now = read_process_numbers();
  MetricFamilies families{
      gauge_of("process_resident_memory_bytes", "Resident memory of the process",
               now.resident_bytes),
      gauge_of("process_virtual_memory_bytes", "Virtual memory of the process", now.virtual_bytes),
      gauge_of("process_open_fds", "Open file descriptors", now.open_files),
      gauge_of("process_max_fds", "File descriptors that may be open", now.open_files_max),
      gauge_of("process_threads", "Threads of the process", now.threads),
      with_value(counter_family("process_cpu_seconds_total", "User and system CPU time spent"),
                 now.cpu_s),
      gauge_of("process_start_time_seconds", "Start of the process in seconds since 1970",
               boot_time_ + now.started_after_boot_s)};
  add_disk(families);
  return families;
}

void ProcessMetrics::add_disk(MetricFamilies& families) const {
  const std::lock_guard lock(mutex_);
  families.push_back(gauge_of("mosaic_disk_free_bytes",
                              "Bytes that may still be written where the data folder is",
                              free_disk_bytes(folder_).value_or(0)));
  families.push_back(gauge_of("mosaic_disk_size_bytes",
                              "Size of the file system where the data folder is",
                              disk_bytes(folder_).value_or(0)));
}

}  // namespace mosaic::metrics
