#include "http/problem.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "base/utf8.hpp"

namespace mosaic::http {
namespace {

constexpr std::size_t kDetailBytesMax = 4 << 10;
/// Whatever keeps the server busy passes in about that time. What is unavailable may stay so: there
/// a promise would make clients come back for nothing.
constexpr std::string_view kRetryAfterS = "1";
constexpr std::size_t kTraceparentBytes = 55;  // 2-32-16-2 hex digits and three dashes

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '0'; });
}

bool is_traceparent(std::string_view text) {
  if (text.size() < kTraceparentBytes) return false;
  const auto version = text.substr(0, 2);
  // Only later versions may say more than version 00 does.
  if (text.size() > kTraceparentBytes && (version == "00" || text[kTraceparentBytes] != '-')) {
    return false;
  }
  const bool dashes = text[2] == '-' && text[35] == '-' && text[52] == '-';
  const auto trace = text.substr(3, 32);
  const auto parent = text.substr(36, 16);
  return dashes && version != "ff" && is_lower_hex(version) && is_lower_hex(trace) &&
         is_lower_hex(parent) && is_lower_hex(text.substr(53, 2)) && !all_zero(trace) &&
         !all_zero(parent);
}

std::string random_trace_id() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return fmt::format("{:016x}{:016x}", random() | 1, random());
}

/// Bytes that are no UTF-8 (a value cut in the middle, say) become '?': a problem is valid JSON.
std::string printable(std::string_view text) {
  text = text.substr(0, kDetailBytesMax);
  if (is_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= 4 && !is_utf8(text.substr(0, length))) ++length;
    const bool whole = length <= 4 && length <= text.size();
    out += whole ? text.substr(0, length) : std::string_view("?");
    text.remove_prefix(whole ? length : 1);
  }
  return out;
}

std::string problem_body(const Error& error, std::string_view trace_id, int status) {
  const auto code = to_string(error.code);
  JsonWriter json;
  json.begin_object();
  json.key("type").string(fmt::format("/docs#{}", code));
  json.key("title").string(title_of(error.code));
  json.key("status").number(status);
  json.key("detail").string(printable(error.detail));
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
      return "The key does not allow this";
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

std::string trace_id_of(std::string_view traceparent) {
  return is_traceparent(traceparent) ? std::string(traceparent.substr(3, 32)) : random_trace_id();
}

Response problem(const Error& error, std::string_view trace_id, int status) {
  Response response{.status = status,
                    .content_type = std::string(kProblemJson),
                    .body = problem_body(error, trace_id, status)};
  if (error.code == ErrorCode::kOverloaded) {
    response.headers.push_back({"Retry-After", std::string(kRetryAfterS)});
  }
  return response;
}

Response problem(const Error& error, std::string_view trace_id) {
  return problem(error, trace_id, status_of(error.code));
}

}  // namespace mosaic::http
