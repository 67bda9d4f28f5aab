#include "metrics/admission_metrics.hpp"

#include <string>

namespace mosaic::metrics {

std::string_view to_string(Door door) {
  return door == Door::kSearch ? "search" : "write";
}

void AdmissionMetrics::watch(Door door, std::function<DoorState()> read) {
  const std::lock_guard lock(mutex_);
  doors_[static_cast<std::size_t>(door)] = std::move(read);
}

MetricFamilies AdmissionMetrics::Collect() const {
  auto in_flight =
      gauge_family("mosaic_admission_in_flight", "Requests let in and not answered yet");
  auto limit = gauge_family("mosaic_admission_limit", "Requests that are let in at a time, now");
  auto overloaded = gauge_family("mosaic_admission_overloaded",
                                 "1 while only a few are let in because others were refused");
  auto refusals = counter_family("mosaic_admission_refusals_total",
                                 "Requests refused because too many were under way");
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kDoors; ++i) {
    const auto state = doors_[i] ? doors_[i]() : DoorState{};
    const Labels labels{{"door", std::string(to_string(static_cast<Door>(i)))}};
    add_value(in_flight, labels, static_cast<double>(state.in_flight));
    add_value(limit, labels, static_cast<double>(state.limit));
    add_value(overloaded, labels, state.overloaded ? 1 : 0);
    add_value(refusals, labels, static_cast<double>(state.refusals));
  }
  return {in_flight, limit, overloaded, refusals};
}

}  // namespace mosaic::metrics
