#include "http/router.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "http/answer.hpp"
#include "http/problem.hpp"
#include "metrics/http_metrics.hpp"

namespace mosaic::http {
namespace {

constexpr std::size_t kShownBytes = 200;

const std::string* find_value(const NamedValues& values, std::string_view name) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const auto& value) { return value.first == name; });
  return found == values.end() ? nullptr : &found->second;
}

std::optional<NamedValues> match_path(const std::vector<std::string_view>& pattern,
                                      const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  NamedValues values;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i])) {
      if (segments[i].empty()) return std::nullopt;
      values.emplace_back(parameter_name(pattern[i]), segments[i]);
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return values;
}

void check_query(const Route& route, const NamedValues& query) {
  for (const auto& [name, value] : query) {
    const bool known = std::any_of(route.query.begin(), route.query.end(),
                                   [&](const auto& parameter) { return parameter.name == name; });
    if (!known) {
      throw Failure(invalid(fmt::format("query parameter '{}' is not known here", name)));
    }
  }
}

std::string shown(std::string_view target) {
  return std::string(target.substr(0, std::min(target.find('?'), kShownBytes)));
}

}  // namespace

const std::string& Call::path(std::string_view name) const {
  return *find_value(path_values, name);
}

const std::string* Call::find(std::string_view name) const {
  return find_value(query, name);
}

std::vector<std::string_view> pattern_segments(std::string_view pattern) {
  std::vector<std::string_view> segments;
  pattern.remove_prefix(1);
  for (auto slash = pattern.find('/'); slash != std::string_view::npos; slash = pattern.find('/')) {
    segments.push_back(pattern.substr(0, slash));
    pattern.remove_prefix(slash + 1);
  }
  segments.push_back(pattern);
  return segments;
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (const auto& route : routes_) patterns_.push_back(pattern_segments(route.pattern));
}

Router::Match Router::match(std::string_view method,
                            const std::vector<std::string>& segments) const {
  Match match;
  const auto wanted = method == "HEAD" ? "GET" : method;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    auto values = match_path(patterns_[i], segments);
    if (!values) continue;
    if (routes_[i].method == wanted) return {&routes_[i], {}, std::move(*values)};
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += routes_[i].method == "GET" ? "GET, HEAD" : routes_[i].method;
  }
  return match;
}

void Router::dispatch(Request request, const Respond& respond, std::string_view& route) const {
  auto target = parse_target(request.target);
  if (!target) throw Failure(target.error());
  auto found = match(request.method, target->segments);
  if (found.route == nullptr && found.allow.empty()) {
    throw Failure(ErrorCode::kNotFound, fmt::format("nothing is at {}", shown(request.target)));
  }
  if (found.route == nullptr) {
    auto refusal = problem({ErrorCode::kMethodNotAllowed,
                            fmt::format("{} does not serve {}, only {}", shown(request.target),
                                        request.method, found.allow)},
                           request.trace.trace_id);
    refusal.headers.push_back({"Allow", found.allow});
    return answer_now(respond, std::move(refusal));
  }
  route = found.route->pattern;
  check_query(*found.route, target->query);
  found.route->handler({std::move(request), std::move(found.values), std::move(target->query)},
                       respond);
}

std::string_view Router::serve(Request request, const Respond& respond) const {
  // The request is gone when a handler throws, its trace id must not be.
  const auto trace_id = request.trace.trace_id;
  std::string_view route = metrics::kOtherRoute;
  try {
    dispatch(std::move(request), respond, route);
  } catch (const Failure& failure) {
    answer_now(respond, problem(failure.error(), trace_id));
  } catch (const std::exception& error) {
    answer_now(respond, problem({ErrorCode::kInternal, error.what()}, trace_id));
  }
  return route;
}

}  // namespace mosaic::http
