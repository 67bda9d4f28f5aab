// What `mosaic top` knows of a node at one moment: its series and what /health says. Reading a node
// blocks; all else here is pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.hpp"
#include "cli/api_client.hpp"
#include "cli/top/prometheus_text.hpp"

namespace mosaic::cli::top {

struct FailingShard {
  std::string collection;
  std::string shard;
  std::string state;
  std::string error;
};

/// The body of GET /health; a field that the node does not send is empty.
struct NodeHealth {
  std::string status;  ///< "ok" or "degraded"; "unknown" when /health did not answer
  std::string version;
  std::string node;
  std::vector<FailingShard> failing;
};

struct Sample {
  TimePoint at;            ///< when the series were read
  double unix_time_s = 0;  ///< the same by the clock on the wall
  Families series;
  NodeHealth health;
};

/// Tolerant: whatever is no answer of /health makes the status "unknown".
NodeHealth parse_health(std::string_view body);

/// GET /metrics and GET /health. Errors: no answer to the first, or one that is no list of series.
/// A node that does not answer the second is seen all the same: that is when one looks.
Result<Sample> read_sample(ApiClient& client);

}  // namespace mosaic::cli::top
