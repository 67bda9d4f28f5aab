#include "http/problem.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "base/quoted.hpp"
#include "base/utf8.hpp"

namespace mosaic::http {
namespace {

constexpr std::size_t kDetailBytesMax = 4 << 10;
/// Whatever keeps the server busy passes in about that time, and so does an election. What is
/// unavailable may also stay so, as a shard that is parked: clients that come back do so once a
/// second.
constexpr std::string_view kRetryAfterS = "1";

std::string problem_body(const Error& error, std::string_view trace_id, int status) {
  const auto code = to_string(error.code);
  JsonWriter json;
  json.begin_object();
  json.key("type").string(fmt::format("/docs#{}", code));
  json.key("title").string(title_of(error.code));
  json.key("status").number(status);
  json.key("detail").string(to_utf8(std::string_view(error.detail).substr(0, kDetailBytesMax)));
  json.key("code").string(code);
  json.key("trace_id").string(trace_id);
  json.end_object();
  return json.take();
}

}  // namespace

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kDimensionMismatch:
      return 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kMethodNotAllowed:
      return 405;
    case ErrorCode::kAlreadyExists:
      return 409;
    case ErrorCode::kPayloadTooLarge:
      return 413;
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnavailable:
    case ErrorCode::kCorruptData:
      return 503;
    case ErrorCode::kDeadlineExceeded:
      return 504;
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

std::string_view title_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "The request is not valid";
    case ErrorCode::kMethodNotAllowed:
      return "The path does not serve this method";
    case ErrorCode::kNotFound:
      return "There is no such thing";
    case ErrorCode::kAlreadyExists:
      return "It exists with other settings";
    case ErrorCode::kDimensionMismatch:
      return "The vector has the wrong dimension";
    case ErrorCode::kPayloadTooLarge:
      return "The request is too large";
    case ErrorCode::kUnauthenticated:
      return "A valid key is needed";
    case ErrorCode::kPermissionDenied:
      return "This is not allowed";
    case ErrorCode::kOverloaded:
      return "The server is busy; try again shortly";
    case ErrorCode::kUnavailable:
      return "What the request needs is not up";
    case ErrorCode::kDeadlineExceeded:
      return "The time for the request ran out";
    case ErrorCode::kCorruptData:
      return "Stored data is damaged";
    case ErrorCode::kInternal:
      return "The server failed";
  }
  return "The server failed";
}

Response problem(const Error& error, std::string_view trace_id, int status) {
  Response response{.status = status,
                    .content_type = std::string(kProblemJson),
                    .body = problem_body(error, trace_id, status),
                    .failure = std::string(without_quotation(error.detail))};
  if (error.code == ErrorCode::kOverloaded || error.code == ErrorCode::kUnavailable) {
    response.headers.push_back({"Retry-After", std::string(kRetryAfterS)});
  }
  return response;
}

Response problem(const Error& error, std::string_view trace_id) {
  return problem(error, trace_id, status_of(error.code));
}

}  // namespace mosaic::http
