// Errors as clients see them: problem details (RFC 9457) with a stable `code` and a trace id, for
// every 4xx and 5xx that leaves the server. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace mosaic::http {

inline constexpr std::string_view kProblemJson = "application/problem+json";

/// The HTTP status that an error code answers with.
int status_of(ErrorCode code);

/// What the code means, in a few words for people.
std::string_view title_of(ErrorCode code);

/// `status` differs from status_of(error.code) where HTTP has a finer one, as 408 or 431.
Response problem(const Error& error, std::string_view trace_id, int status);
Response problem(const Error& error, std::string_view trace_id);

}  // namespace mosaic::http
