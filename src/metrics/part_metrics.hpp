// Which actors run, and how often one had to be started again. Pushed by those who start them. The
// names are the fixed parts of a node, so there are few.
#pragma once

#include <string>

#include "metrics/registry.hpp"

namespace mosaic::metrics {

class PartMetrics {
 public:
  explicit PartMetrics(Registry& registry);

  void started(const std::string& part) { up_.Add({{"part", part}}).Increment(); }
  void ended(const std::string& part) { up_.Add({{"part", part}}).Decrement(); }
  void restarted(const std::string& part) { restarts_.Add({{"part", part}}).Increment(); }

 private:
  Gauges& up_;
  Counters& restarts_;
};

}  // namespace mosaic::metrics
