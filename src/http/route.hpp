// One row of the route table: what serves a method on a path, and how OpenAPI and /docs describe
// it. The rows are made once at start and only read afterwards, from any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "http/target.hpp"
#include "mosaic/request_id.hpp"

namespace mosaic::http {

/// A request that met its route.
struct Call {
  Request request;
  NamedValues path_values;
  NamedValues query;
  RequestId id = {};  ///< of a writing request with an Idempotency-Key

  /// The value of a {parameter} of the pattern.
  const std::string& path(std::string_view name) const;
  /// The value of a query parameter, or null when it was not sent.
  const std::string* find(std::string_view name) const;
};

/// Answers once, now or later, from any thread. A Failure thrown is answered as its problem.
using Handler = std::function<void(Call, Respond)>;

struct QueryParameter {
  std::string_view name;
  std::string_view schema;  ///< JSON text of its JSON Schema
  std::string_view text;
};

struct Answer {
  int status = 200;
  std::string_view schema{};  ///< name of a schema component; empty: any text
  std::string_view text{};
  std::string_view content_type = kJson;
};

struct Route {
  std::string_view method{};
  std::string_view pattern{};  ///< as "/collections/{name}"
  std::string_view group{};
  std::string_view summary{};
  std::vector<QueryParameter> query{};
  std::string_view request_schema{};  ///< name of a schema component; empty: no body
  bool body_optional = false;         ///< no body means all defaults
  std::string_view ndjson_schema{};   ///< of one line, where the body may also be NDJSON
  std::vector<Answer> answers{};
  std::vector<ErrorCode> problems{};
  /// What it does, unless by GET, is to be done once: it may carry an Idempotency-Key.
  bool lasting = true;
  Handler handler{};
};

inline bool takes_idempotency_key(const Route& route) {
  return route.lasting && route.method != "GET";
}

/// "/a/{b}" -> {"a", "{b}"}
std::vector<std::string_view> pattern_segments(std::string_view pattern);

inline bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

inline std::string_view parameter_name(std::string_view segment) {
  return segment.substr(1, segment.size() - 2);
}

}  // namespace mosaic::http
