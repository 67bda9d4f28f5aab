#include "actors/faults.hpp"

#include <chrono>
#include <thread>

#include "base/failure.hpp"

namespace mosaic::actors {
namespace {

void sleep_ms(std::uint32_t time) {
  std::this_thread::sleep_for(std::chrono::milliseconds(time));
}

}  // namespace

void Faults::inject(const FaultRequest& fault) {
  switch (fault.kind) {
    case FaultKind::kCrash:
      throw Failure(ErrorCode::kInternal, "crashed on purpose");
    case FaultKind::kStall:
      return sleep_ms(fault.duration_ms);
    case FaultKind::kSlow:
      slow_ = fault;
      return;
    case FaultKind::kDrop:
      drop_ = fault.count;
  }
}

bool Faults::swallow() {
  if (slow_.count > 0) {
    --slow_.count;
    sleep_ms(slow_.duration_ms);
  }
  if (drop_ == 0) return false;
  --drop_;
  return true;
}

}  // namespace mosaic::actors
