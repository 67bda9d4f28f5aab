#include "net/s3_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <random>

#include "base/digest.hpp"
#include "base/wall_clock.hpp"

namespace mosaic::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPauseFirst{200};
constexpr milliseconds kPauseMax{10'000};
constexpr std::size_t kMessageBytesMax = 300;

/// Codes of 4xx answers after which the same request may succeed.
constexpr std::array<std::string_view, 5> kPassingCodes = {"RequestTimeout",
                                                           "XAmzContentSHA256Mismatch", "BadDigest",
                                                           "IncompleteBody", "OperationAborted"};

constexpr std::array<std::string_view, 3> kPassingEndings = {"InternalError", "SlowDown",
                                                             "ServiceUnavailable"};

constexpr std::array<std::string_view, 8> kRefusals = {
    "AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "RequestTimeTooSkewed",
    "ExpiredToken", "InvalidToken",          "AccountProblem",     "TokenRefreshRequired"};

template <class List>
bool is_among(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

S3Error s3_error(const HttpReply& reply) {
  auto error = parse_error(reply.body);
  if (error) return std::move(*error);
  // HEAD has no body, proxies write one of their own.
  return {reply.status == 404 ? "NoSuchKey" : fmt::format("status {}", reply.status), ""};
}

bool is_passing(const std::string& method, const HttpReply& reply) {
  if (reply.status >= 500 || reply.status == 429 || reply.status == 408) return true;
  if (reply.status >= 400) return is_among(kPassingCodes, s3_error(reply).code);
  // The completion of an upload begins its 200 before it knows how it ends.
  const auto error = method == "POST" ? parse_error(reply.body) : std::nullopt;
  return error && is_among(kPassingEndings, error->code);
}

bool is_passing(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadlineExceeded;
}

ErrorCode code_of(int status, const S3Error& error) {
  if (status >= 500 || status == 429) return ErrorCode::kUnavailable;
  if (error.code == "NoSuchBucket") return ErrorCode::kInvalidArgument;
  if (status == 404) return ErrorCode::kNotFound;
  if (status == 401 || status == 403 || is_among(kRefusals, error.code))
    return ErrorCode::kPermissionDenied;
  return ErrorCode::kInvalidArgument;
}

std::string_view scheme_of(std::string_view endpoint) {
  return endpoint.substr(0, endpoint.find("://") + 3);
}

/// "host" or "host:port", without a port that goes without saying: that is what libcurl sends.
std::string host_header(std::string_view endpoint) {
  auto host = endpoint.substr(scheme_of(endpoint).size());
  host = host.substr(0, host.find('/'));
  const std::string_view usual = endpoint.starts_with("https") ? ":443" : ":80";
  if (host.ends_with(usual)) host.remove_suffix(usual.size());
  return std::string(host);
}

/// What was begun is taken back also when all is to stop, with one attempt.
bool cleans_up(const S3Request& request) {
  return request.method == "DELETE";
}

void pause_unless_stopped(milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  static_cast<void>(changed.wait_for(lock, stop, time, [] { return false; }));
}

}  // namespace

S3Surroundings S3Surroundings::real() {
  return {.now_ms = wall_clock_ms,
          .pause = pause_unless_stopped,
          .chance = [random = std::mt19937_64(std::random_device{}())]() mutable {
            return std::uniform_real_distribution<double>(0, 1)(random);
          }};
}

milliseconds retry_pause(std::uint32_t next, double chance) {
  const auto doublings = std::min<std::uint32_t>(next - 2, 10);
  const auto full = std::min(kPauseMax, kPauseFirst * (1 << doublings));
  return std::chrono::duration_cast<milliseconds>(full * (1 - chance / 2));
}

S3Exchange::S3Exchange(S3Target target, S3Surroundings surroundings)
    : target_(std::move(target)), surroundings_(std::move(surroundings)) {
  const auto host = host_header(target_.endpoint);
  host_ = target_.virtual_host ? target_.bucket + "." + host : host;
  origin_ = std::string(scheme_of(target_.endpoint)) + host_;
}

Result<S3Reply> S3Exchange::send(const S3Request& request) {
  if (request.key.size() > kS3KeyBytesMax) {
    return invalid(fmt::format("{}: a key has at most {} bytes", place(request), kS3KeyBytesMax));
  }
  const auto payload_sha256 = sha256(request.body);
  for (std::uint32_t number = 1;; ++number) {
    auto reply = attempt(request, payload_sha256);
    const bool stopped = target_.stop.stop_requested();
    if (stopped && !cleans_up(request))
      return Error{ErrorCode::kUnavailable, fmt::format("{}: stopped", place(request))};
    if (reply) reply->attempts = number;
    const bool again = reply ? is_passing(request.method, reply->http) : is_passing(reply.error());
    if (again && !stopped && number < target_.attempts) {
      surroundings_.pause(retry_pause(number + 1, surroundings_.chance()), target_.stop);
      continue;
    }
    if (reply) return reply;
    return Error{reply.error().code,
                 fmt::format("{}: {} ({} attempts)", place(request), reply.error().detail, number)};
  }
}

Result<S3Reply> S3Exchange::attempt(const S3Request& request, const std::string& payload_sha256) {
  const auto path = (target_.virtual_host ? "/" : "/" + target_.bucket + "/") + request.key;
  const auto query = canonical_query(request.query);
  HttpRequest http{.method = request.method,
                   .url = origin_ + canonical_path(path) + (query.empty() ? "" : "?" + query),
                   .headers = signed_headers(request, payload_sha256, path),
                   .body = std::string(request.body),
                   .timeout_ms = target_.timeout_ms,
                   .stall_timeout_s = target_.stall_timeout_s,
                   .stop = cleans_up(request) ? std::stop_token() : target_.stop};
  S3Reply reply;
  std::string body;
  http.on_body = [&](std::string_view piece) {
    reply.too_large = body.size() + piece.size() > request.reply_bytes_max;
    if (!reply.too_large) body.append(piece);
    return !reply.too_large;
  };
  auto answer = client_.send(http);
  if (!answer) return answer.error();
  reply.http = std::move(*answer);
  if (reply.http.status >= 200 && reply.http.status < 300) reply.http.body = std::move(body);
  return reply;
}

NamesAndValues S3Exchange::signed_headers(const S3Request& request,
                                          const std::string& payload_sha256,
                                          const std::string& path) const {
  const AwsScope scope{target_.region, "s3", surroundings_.now_ms()};
  AwsRequest to_sign{.method = request.method,
                     .path = path,
                     .query = request.query,
                     .headers = {{"Host", host_},
                                 {"x-amz-content-sha256", payload_sha256},
                                 {"x-amz-date", aws_time(scope.time_ms)}},
                     .payload_sha256 = payload_sha256};
  // Otherwise libcurl names the type of an HTML form.
  if (!request.body.empty() || request.method == "PUT" || request.method == "POST")
    to_sign.headers.emplace_back("Content-Type", "application/octet-stream");
  const auto& token = target_.credentials.session_token;
  if (!token.empty()) to_sign.headers.emplace_back("x-amz-security-token", token);
  auto headers = to_sign.headers;
  headers.emplace_back("Authorization", authorization(to_sign, target_.credentials, scope));
  return headers;
}

std::string S3Exchange::place(const S3Request& request) const {
  return fmt::format("{} s3://{}/{}", request.method, target_.bucket, request.key);
}

Error S3Exchange::error_of(const S3Request& request, const S3Reply& reply) const {
  const auto error = s3_error(reply.http);
  auto detail = fmt::format("{}: {}", place(request), error.code);
  if (!error.message.empty()) detail += ": " + error.message.substr(0, kMessageBytesMax);
  const auto region = reply.http.header("x-amz-bucket-region");
  if (region && *region != target_.region) {
    detail += fmt::format(" (the bucket is in region {}, asked was {})", *region, target_.region);
  }
  if (reply.attempts > 1) detail += fmt::format(" ({} attempts)", reply.attempts);
  return {code_of(reply.http.status, error), std::move(detail)};
}

Error S3Exchange::odd_reply(const S3Request& request, std::string_view what) const {
  return {ErrorCode::kUnavailable,
          fmt::format("{}: the answer of {} is not that of an S3 server: {}", place(request),
                      origin_, what)};
}

}  // namespace mosaic::net
