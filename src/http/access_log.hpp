// What the log says of a request once it is answered: a line at debug, and a warning when the
// server failed. Neither path nor body stand there: both may hold what a user keeps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/deadline.hpp"
#include "http/trace_context.hpp"
#include "metrics/http_metrics.hpp"

namespace mosaic::http {

/// Filled by the session while it serves the request.
struct RequestRecord {
  TimePoint began{};                              ///< the first bytes of its head were there
  TraceContext trace{};                           ///< empty until the head is read
  std::string method{};                           ///< as sent; empty when no head came
  std::string_view route = metrics::kOtherRoute;  ///< its pattern in the route table
  int status = 0;                                 ///< of the answer
  std::uint64_t bytes = 0;                        ///< of the answer's body
  std::string failure{};  ///< why the answer is a problem, as it may be logged
};

/// `answered` as below.
void count_request(metrics::HttpMetrics& metrics, const RequestRecord& request, TimePoint answered);

/// `answered`: when the last byte of the answer was written.
void log_request(const RequestRecord& request, TimePoint answered);

}  // namespace mosaic::http
