// How a part behaves badly on purpose (mosaic/fault.hpp): crash and stall at once, slow and drop
// with the requests that come next. A member of a part's state; asked by its handlers.
#pragma once

#include "mosaic/fault.hpp"

namespace mosaic::actors {

class Faults {
 public:
  /// Throws for a crash, returns late for a stall.
  void inject(const FaultRequest& fault);

  /// Asked before a request is handled, returns late while slow. True: it shall stay unanswered.
  bool swallow();

 private:
  FaultRequest slow_{.count = 0};
  std::uint32_t drop_ = 0;
};

}  // namespace mosaic::actors
