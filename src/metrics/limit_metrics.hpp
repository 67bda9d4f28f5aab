// How near a node is to the limits that protect it, and whom they refused.
#pragma once

#include <array>
#include <string_view>

#include "metrics/registry.hpp"

namespace mosaic::metrics {

enum class Limit : std::uint8_t { kMemory, kDiskFree, kDocuments };
constexpr std::size_t kLimits = 3;

/// As settings spell it: memory, disk_free, documents.
std::string_view to_string(Limit limit);

class LimitMetrics {
 public:
  explicit LimitMetrics(Registry& registry);

  /// The value in force; 0: no limit.
  void set(Limit limit, std::uint64_t value);
  /// Whether writes are refused because of it now.
  void reached(Limit limit, bool reached);
  /// One writing request was.
  void refused(Limit limit);

 private:
  struct Series {
    Gauge* value;
    Gauge* reached;
    Counter* refusals;
  };
  const Series& of(Limit limit) const { return series_[static_cast<std::size_t>(limit)]; }

  std::array<Series, kLimits> series_;
};

}  // namespace mosaic::metrics
