#include "cluster/admission.hpp"

#include <algorithm>

namespace mosaic::cluster {

AdmissionLimits admission_limits(const NodeSettings::Search& search, std::size_t cores) {
  const std::size_t burst = search.in_flight_max;
  const std::size_t overload = search.in_flight_overload;
  return {burst != 0 ? burst : std::max(kBurstMin, kBurstPerCore * cores),
          overload != 0 ? overload : std::max<std::size_t>(2, kOverloadedPerTwoCores * cores / 2)};
}

Admission::Admission(AdmissionLimits limits)
    : limits_{limits.in_flight_max, std::min(limits.in_flight_overload, limits.in_flight_max)} {}

bool Admission::enter(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (in_flight_ < limit(now)) {
    ++in_flight_;
    return true;
  }
  ++refusals_;
  // Callers read the clock before they get here, each on a thread of its own.
  last_refusal_ = last_refusal_ ? std::max(*last_refusal_, now) : now;
  return false;
}

void Admission::leave() {
  const std::lock_guard lock(mutex_);
  --in_flight_;
}

std::size_t Admission::in_flight() const {
  const std::lock_guard lock(mutex_);
  return in_flight_;
}

AdmissionState Admission::state(TimePoint now) const {
  const std::lock_guard lock(mutex_);
  return {in_flight_, limit(now), overloaded(now), refusals_};
}

std::size_t Admission::limit(TimePoint now) const {
  return overloaded(now) ? limits_.in_flight_overload : limits_.in_flight_max;
}

bool Admission::overloaded(TimePoint now) const {
  return last_refusal_ && now - *last_refusal_ < kCalmAfterOverload;
}

}  // namespace mosaic::cluster
