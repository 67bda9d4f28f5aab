// Which request this is, across all services that it passes through (W3C Trace Context). Each
// request has one context, made when its head is there; answers, problems and log lines carry its
// trace id.
#pragma once

#include <string>
#include <string_view>

namespace mosaic::http {

struct TraceContext {
  std::string trace_id;  ///< 32 hex digits, the same in all services
  std::string span_id;   ///< 16 hex digits: this service's part of it
  bool sampled = false;  ///< the caller keeps a record of the request
};

/// Of a valid `traceparent` (section 3.2) its trace id and flag, else 128 random bits. The span id
/// is always new.
TraceContext trace_of(std::string_view traceparent);

/// As a header of version 00.
std::string traceparent_of(const TraceContext& trace);

}  // namespace mosaic::http
