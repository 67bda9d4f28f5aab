#include "http/openapi.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "http/problem.hpp"
#include "http/schemas.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kApiVersion = "0.1.0";

std::string lower(std::string_view word) {
  std::string out(word);
  for (auto& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

/// "PUT /a/{b}" -> "put_a_b": unique, because method and path are.
std::string operation_id(const Route& route) {
  auto id = lower(route.method);
  for (const auto segment : pattern_segments(route.pattern)) {
    id += '_';
    for (const char c : is_parameter(segment) ? parameter_name(segment) : segment) {
      id += c == '.' ? '_' : c;
    }
  }
  return id;
}

void write_schema_ref(JsonWriter& json, std::string_view name) {
  json.key("schema").begin_object();
  json.key("$ref").string(fmt::format("#/components/schemas/{}", name));
  json.end_object();
}

void write_media(JsonWriter& json, std::string_view content_type, std::string_view schema) {
  json.key(content_type).begin_object();
  if (schema.empty()) {
    json.key("schema").raw(R"({"type":"string"})");
  } else {
    write_schema_ref(json, schema);
  }
  json.end_object();
}

void write_parameter(JsonWriter& json, std::string_view place, const QueryParameter& parameter) {
  json.begin_object();
  json.key("name").string(parameter.name);
  json.key("in").string(place);
  json.key("required").boolean(place == "path");
  if (!parameter.text.empty()) json.key("description").string(parameter.text);
  json.key("schema").raw(parameter.schema);
  json.end_object();
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.key("parameters").begin_array();
  for (const auto segment : pattern_segments(route.pattern)) {
    if (!is_parameter(segment)) continue;
    write_parameter(json, "path",
                    {parameter_name(segment), R"({"type":"string","minLength":1})", {}});
  }
  for (const auto& parameter : route.query) write_parameter(json, "query", parameter);
  if (takes_idempotency_key(route))
    json.raw(R"({"$ref":"#/components/parameters/Idempotency-Key"})");
  json.end_array();
}

void write_request(JsonWriter& json, const Route& route) {
  if (route.request_schema.empty()) return;
  json.key("requestBody").begin_object();
  json.key("required").boolean(!route.body_optional);
  json.key("content").begin_object();
  write_media(json, kJson, route.request_schema);
  if (!route.ndjson_schema.empty()) write_media(json, kNdjson, route.ndjson_schema);
  json.end_object();
  json.end_object();
}

/// Of every answer, problems included.
constexpr std::string_view kAnswerHeaders = R"({
  "traceparent":{"$ref":"#/components/headers/traceparent"},
  "X-Request-Id":{"$ref":"#/components/headers/X-Request-Id"}})";
constexpr std::string_view kProblemHeaders = R"({
  "traceparent":{"$ref":"#/components/headers/traceparent"},
  "X-Request-Id":{"$ref":"#/components/headers/X-Request-Id"},
  "Retry-After":{"$ref":"#/components/headers/Retry-After"}})";
constexpr std::string_view kHeaders = R"({
  "traceparent":{"description":"The request's trace (W3C Trace Context), with this node's span.",
    "schema":{"type":"string"}},
  "X-Request-Id":{"description":"The trace id, as problems and log lines have it.",
    "schema":{"type":"string","pattern":"^[0-9a-f]{32}$"}},
  "Retry-After":{"description":"Of 503: seconds after which another try may succeed.",
    "schema":{"type":"integer"}}})";

/// Of every route that changes what lasts.
constexpr std::string_view kParameters = R"({
  "Idempotency-Key":{"name":"Idempotency-Key","in":"header","required":false,
    "description":"Names this request. A repeat with the same method, path, key and body is not done again but gets the answer of the first, for `log.idempotency_window_s`; it waits while the first is under way. With another body it is refused. A request that failed may be repeated.",
    "schema":{"type":"string","pattern":"^[!-~]{1,255}$"}}})";

void write_answer(JsonWriter& json, const Answer& answer) {
  json.key(std::to_string(answer.status)).begin_object();
  json.key("description").string(answer.text);
  json.key("headers").raw(kAnswerHeaders);
  json.key("content").begin_object();
  write_media(json, answer.content_type, answer.schema);
  json.end_object();
  json.end_object();
}

void write_responses(JsonWriter& json, const Route& route) {
  std::set<int> statuses;
  for (const auto code : route.problems) statuses.insert(status_of(code));
  json.key("responses").begin_object();
  for (const auto& answer : route.answers) write_answer(json, answer);
  constexpr std::string_view kReference = R"({"$ref":"#/components/responses/Problem"})";
  for (const auto status : statuses) json.key(std::to_string(status)).raw(kReference);
  json.key("default").raw(kReference);
  json.end_object();
}

void write_operation(JsonWriter& json, const Route& route) {
  json.key(lower(route.method)).begin_object();
  json.key("operationId").string(operation_id(route));
  json.key("summary").string(route.summary);
  json.key("tags").begin_array().string(route.group).end_array();
  write_parameters(json, route);
  write_request(json, route);
  write_responses(json, route);
  json.end_object();
}

void write_paths(JsonWriter& json, const std::vector<Route>& routes) {
  std::map<std::string_view, std::vector<const Route*>> by_path;
  for (const auto& route : routes) by_path[route.pattern].push_back(&route);
  json.key("paths").begin_object();
  for (const auto& [path, operations] : by_path) {
    json.key(path).begin_object();
    for (const auto* route : operations) write_operation(json, *route);
    json.end_object();
  }
  json.end_object();
}

void write_components(JsonWriter& json) {
  json.key("components").begin_object();
  json.key("schemas").begin_object();
  for (const auto& schema : schemas()) json.key(schema.name).raw(schema.json);
  json.end_object();
  json.key("headers").raw(kHeaders);
  json.key("parameters").raw(kParameters);
  json.key("responses").begin_object();
  json.key("Problem").begin_object();
  json.key("description").string("What went wrong.");
  json.key("headers").raw(kProblemHeaders);
  json.key("content").begin_object();
  write_media(json, kProblemJson, "Problem");
  json.end_object();
  json.end_object();
  json.end_object();
  json.end_object();
}

}  // namespace

std::string openapi_json(const std::vector<Route>& routes) {
  JsonWriter json;
  json.begin_object();
  json.key("openapi").string("3.1.0");
  json.key("info").begin_object();
  json.key("title").string("MosaicDB");
  json.key("version").string(kApiVersion);
  json.key("description").string("Vectors, text, SQL filters and links in one search engine.");
  json.end_object();
  // Relative to where this document was fetched: it holds behind a proxy, too.
  json.key("servers").raw(R"([{"url":"/"}])");
  write_paths(json, routes);
  write_components(json);
  json.end_object();
  return json.take();
}

}  // namespace mosaic::http
