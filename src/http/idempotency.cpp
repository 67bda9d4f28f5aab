#include "http/idempotency.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/failure.hpp"
#include "base/log.hpp"
#include "http/answer.hpp"
#include "http/problem.hpp"

namespace mosaic::http {
namespace {

constexpr std::size_t kShownBytes = 64;

void check_key(std::string_view key) {
  const bool visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c >= '!' && c <= '~'; });
  if (!key.empty() && key.size() <= kIdempotencyKeyBytesMax && visible) return;
  std::string shown;
  for (const char c : key.substr(0, kShownBytes)) shown += c >= ' ' && c <= '~' ? c : '?';
  throw Failure(invalid(
      fmt::format("{} is '{}'{}, expected 1 to {} visible ASCII characters", kIdempotencyKey, shown,
                  key.size() > kShownBytes ? fmt::format(" and more, {} bytes", key.size()) : "",
                  kIdempotencyKeyBytesMax)));
}

std::uint64_t bits_of(std::string_view hexadecimal) {
  std::uint64_t bits = 0;
  std::from_chars(hexadecimal.data(), hexadecimal.data() + hexadecimal.size(), bits, 16);
  return bits;
}

/// Of what a request asks for besides its name.
std::string digest_of(const Request& request) {
  const auto query = request.target.find('?');
  std::string asked(query == std::string::npos ? "" : request.target.substr(query));
  asked.append(1, '\n').append(request.content_type).append(1, '\n').append(request.body);
  return sha256(asked);
}

Response other_body(std::string_view key, std::string_view trace_id) {
  return problem(invalid(fmt::format("{} '{}' was sent before with another body or query",
                                     kIdempotencyKey, key)),
                 trace_id);
}

bool is_success(const Response& response) {
  return response.status >= 200 && response.status < 300;
}

std::string location_of(const Response& response) {
  for (const auto& header : response.headers) {
    if (header.name == "Location") return header.value;
  }
  return {};
}

Response replayed(const RememberedAnswer& answer) {
  Response response{.status = static_cast<int>(answer.status),
                    .content_type = answer.content_type,
                    .body = answer.body};
  if (!answer.location.empty()) response.headers.push_back({"Location", answer.location});
  return response;
}

Response made(const MakeResponse& make) {
  try {
    return make();
  } catch (const std::exception& error) {
    return problem(
        {ErrorCode::kInternal, fmt::format("the answer could not be made: {}", error.what())}, {});
  }
}

}  // namespace

RequestId request_id(std::string_view method, std::string_view target, std::string_view key,
                     std::uint32_t window_s) {
  check_key(key);
  // No part may hold what is between them.
  const auto path = target.substr(0, target.find('?'));
  const auto digest = sha256(fmt::format("{}\n{}\n{}", method, path, key));
  return {bits_of(std::string_view(digest).substr(0, 16)),
          bits_of(std::string_view(digest).substr(16, 16)), window_s};
}

void Idempotency::serve(Call call, Respond respond, const Handler& handler) {
  const auto key = *call.request.idempotency_key;
  const auto trace_id = call.request.trace.trace_id;
  call.id = request_id(call.request.method, call.request.target, key, window_s_);
  const auto digest = digest_of(call.request);
  const auto place = enter(call.id, digest, respond);
  if (place == Place::kWaits) return;
  if (place == Place::kDiffers) return answer_now(respond, other_body(key, trace_id));
  const auto id = call.id;
  const auto known = engine_.recall(id);
  if (!known) return leave(id, problem(known.error(), trace_id));
  if (!*known) return begin(std::move(call), digest, handler);
  leave(id, (*known)->digest == digest ? replayed(**known) : other_body(key, trace_id));
}

Idempotency::Place Idempotency::enter(const RequestId& id, const std::string& digest,
                                      Respond respond) {
  const std::lock_guard lock(mutex_);
  const auto [found, first] = under_way_.try_emplace(id);
  auto& under_way = found->second;
  if (first) under_way.digest = digest;
  if (under_way.digest != digest) return Place::kDiffers;
  under_way.waiting.push_back(std::move(respond));
  return first ? Place::kFirst : Place::kWaits;
}

void Idempotency::leave(const RequestId& id, const Response& response) {
  std::vector<Respond> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (auto under_way = under_way_.extract(id)) waiting = std::move(under_way.mapped().waiting);
  }
  for (const auto& respond : waiting) answer_now(respond, response);
}

void Idempotency::begin(Call call, const std::string& digest, const Handler& handler) {
  const auto id = call.id;
  const auto trace_id = call.request.trace.trace_id;
  try {
    handler(std::move(call), [self = shared_from_this(), id, digest](const MakeResponse& make) {
      self->answered(id, digest, made(make));
    });
  } catch (const Failure& failure) {
    leave(id, problem(failure.error(), trace_id));
  } catch (const std::exception& error) {
    leave(id, problem({ErrorCode::kInternal, error.what()}, trace_id));
  }
}

/// The client hears once the answer is remembered: from then on, nothing can make it another one.
void Idempotency::answered(const RequestId& id, const std::string& digest, Response response) {
  if (!is_success(response) || response.stream || response.body.size() > kRememberedBodyBytesMax)
    return leave(id, response);
  RememberedAnswer answer{id,
                          digest,
                          static_cast<std::uint32_t>(response.status),
                          response.content_type,
                          location_of(response),
                          response.body};
  engine_.remember(std::move(answer),
                   [self = shared_from_this(), id, response = std::move(response)](auto kept) {
                     // It is done all the same, and of documents the shards know that, too.
                     if (!kept)
                       log::warn("an answer to a request with an {} is not remembered: {}",
                                 kIdempotencyKey, kept.error().detail);
                     self->leave(id, response);
                   });
}

void serve_once(std::vector<Route>& routes, const std::shared_ptr<Idempotency>& idempotency) {
  for (auto& route : routes) {
    if (!takes_idempotency_key(route)) continue;
    route.handler = [idempotency, handler = std::move(route.handler)](Call call, Respond respond) {
      if (!call.request.idempotency_key) return handler(std::move(call), std::move(respond));
      idempotency->serve(std::move(call), std::move(respond), handler);
    };
  }
}

}  // namespace mosaic::http
