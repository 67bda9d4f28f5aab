#include "http/pages.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/markup.hpp"
#include "http/page_style.hpp"
#include "http/problem.hpp"
#include "http/schemas.hpp"

namespace mosaic::http {
namespace {

using simdjson::dom::element;

/// Text with `code` between backquotes.
std::string prose(std::string_view text) {
  std::string out;
  bool code = false;
  for (auto tick = text.find('`'); tick != std::string_view::npos; tick = text.find('`')) {
    out += escape_markup(text.substr(0, tick)) + (code ? "</code>" : "<code>");
    text.remove_prefix(tick + 1);
    code = !code;
  }
  return out + escape_markup(text);
}

std::string page(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>{}</title><style>{}</style></head><body>\n{}</body></html>\n",
      title, kPageStyle, body);
}

std::string schema_link(std::string_view name) {
  return fmt::format("<a href=\"#{0}\">{0}</a>", name);
}

std::string anchor(const Route& route) {
  return escape_markup(fmt::format("{}-{}", route.method, route.pattern));
}

std::string row(std::string_view name, std::string_view what) {
  return fmt::format("<tr><td><code>{}</code></td><td>{}</td></tr>\n", escape_markup(name), what);
}

std::string words_of(element list, std::string_view separator) {
  std::string out;
  for (const auto item : simdjson::dom::array(list)) {
    if (!out.empty()) out += separator;
    out += item.is_string() ? std::string(std::string_view(item)) : simdjson::minify(item);
  }
  return out;
}

/// "integer", "string or null", "list of Link", ...
std::string type_of(element schema) {
  element part;
  if (!schema["$ref"].get(part)) {
    const std::string_view reference(part);
    return schema_link(reference.substr(reference.rfind('/') + 1));
  }
  if (!schema["items"].get(part)) return "list of " + type_of(part);
  if (!schema["enum"].get(part)) return "<code>" + words_of(part, "</code> <code>") + "</code>";
  if (schema["type"].get(part)) return "value";
  return part.is_array() ? words_of(part, " or ") : std::string(std::string_view(part));
}

std::string limits_of(element schema) {
  std::string out;
  element part;
  if (!schema["minimum"].get(part)) out += ", from " + simdjson::minify(part);
  if (!schema["maximum"].get(part)) out += ", up to " + simdjson::minify(part);
  if (!schema["maxItems"].get(part)) out += ", at most " + simdjson::minify(part) + " items";
  if (!schema["default"].get(part)) {
    out += ", default <code>" + escape_markup(simdjson::minify(part)) + "</code>";
  }
  return out;
}

std::string description_of(element schema) {
  std::string_view text;
  return schema["description"].get(text) ? std::string() : prose(text);
}

std::string field_rows(element schema) {
  std::string rows;
  simdjson::dom::object properties;
  if (schema["properties"].get(properties)) return rows;
  for (const auto& [name, field] : properties) {
    rows += row(name, fmt::format("<span class=\"soft\">{}{}</span> {}", type_of(field),
                                  limits_of(field), description_of(field)));
  }
  return rows;
}

std::string schema_card(const Schema& schema) {
  simdjson::dom::parser parser;
  const element root = parser.parse(schema.json.data(), schema.json.size());
  element example;
  std::string out = fmt::format("<section class=\"card\" id=\"{0}\"><h3>{0}</h3>\n<div>{1}</div>",
                                schema.name, description_of(root));
  const auto rows = field_rows(root);
  if (!rows.empty()) out += "<table>" + rows + "</table>";
  if (!root["example"].get(example)) {
    out += "<h4>Example</h4><pre>" + escape_markup(simdjson::minify(example)) + "</pre>";
  }
  return out + "</section>\n";
}

std::string request_part(const Route& route) {
  if (route.request_schema.empty()) return {};
  auto out = "<h4>Body</h4><div>" + schema_link(route.request_schema);
  if (!route.ndjson_schema.empty()) {
    out += fmt::format(", or lines of {} as <code>{}</code>", schema_link(route.ndjson_schema),
                       kNdjson);
  }
  return out + "</div>";
}

std::string query_part(const Route& route) {
  if (route.query.empty()) return {};
  simdjson::dom::parser parser;
  std::string rows;
  for (const auto& parameter : route.query) {
    const element schema = parser.parse(parameter.schema.data(), parameter.schema.size());
    rows += row(parameter.name, fmt::format("<span class=\"soft\">{}{}</span> {}", type_of(schema),
                                            limits_of(schema), prose(parameter.text)));
  }
  return "<h4>Query</h4><table>" + rows + "</table>";
}

std::string answer_part(const Route& route) {
  std::string rows;
  for (const auto& answer : route.answers) {
    const auto what =
        answer.schema.empty() ? std::string(answer.content_type) : schema_link(answer.schema);
    rows += row(std::to_string(answer.status), fmt::format("{} {}", what, prose(answer.text)));
  }
  for (const auto code : route.problems) {
    rows += row(std::to_string(status_of(code)),
                fmt::format("<a href=\"#{0}\"><code>{0}</code></a>", to_string(code)));
  }
  return "<h4>Answers</h4><table>" + rows + "</table>";
}

std::string route_card(const Route& route) {
  return fmt::format(
      "<section class=\"card\" id=\"{}\"><div class=\"call\"><span class=\"verb {}\">{}</span>"
      "<code>{}</code></div><h3>{}</h3>{}{}{}</section>\n",
      anchor(route), route.method, route.method, escape_markup(route.pattern), prose(route.summary),
      query_part(route), request_part(route), answer_part(route));
}

std::string problem_card() {
  std::string rows;
  for (auto i = static_cast<int>(ErrorCode::kInvalidArgument);
       i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    rows += fmt::format("<tr id=\"{0}\"><td><code>{0}</code></td><td>{1} {2}</td></tr>\n",
                        to_string(code), status_of(code), escape_markup(title_of(code)));
  }
  return "<section class=\"card\" id=\"problems\"><div>Every 4xx and 5xx is a " +
         schema_link("Problem") + " of type <code>application/problem+json</code>.</div><table>" +
         rows + "</table></section>\n";
}

/// A heading before the first route of each group.
template <class Open>
std::string group_opening(const std::vector<Route>& routes, std::size_t i, Open open) {
  const bool first = i == 0 || routes[i].group != routes[i - 1].group;
  return first ? open(routes[i].group) : std::string();
}

std::string contents(const std::vector<Route>& routes) {
  std::string out = "<nav><a href=\"/\"><b>MosaicDB</b></a>";
  for (std::size_t i = 0; i < routes.size(); ++i) {
    out += group_opening(routes, i,
                         [](auto group) { return fmt::format("<strong>{}</strong>", group); });
    out +=
        fmt::format("<a href=\"#{}\">{}</a>", anchor(routes[i]), escape_markup(routes[i].summary));
  }
  out += "<strong>Schemas</strong>";
  for (const auto& schema : schemas()) out += schema_link(schema.name);
  return out + "<strong>Errors</strong><a href=\"#problems\">Problem codes</a></nav>\n";
}

}  // namespace

std::string docs_page(const std::vector<Route>& routes) {
  std::string body = "<div class=\"page\">" + contents(routes) + "<main><h1>MosaicDB HTTP API</h1>";
  body +=
      "<p class=\"soft\">Bodies are JSON in UTF-8; unknown fields are refused. For programs: "
      "<a href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1).</p>\n";
  for (std::size_t i = 0; i < routes.size(); ++i) {
    body +=
        group_opening(routes, i, [](auto group) { return fmt::format("<h2>{}</h2>\n", group); });
    body += route_card(routes[i]);
  }
  body += "<h2>Schemas</h2>\n";
  for (const auto& schema : schemas()) body += schema_card(schema);
  body += "<h2>Errors</h2>\n" + problem_card() + "</main></div>\n";
  return page("MosaicDB HTTP API", body);
}

std::string home_page() {
  return page("MosaicDB",
              "<main class=\"home\"><h1>MosaicDB</h1>"
              "<p class=\"soft\">Vectors, text, SQL filters and links in one search engine.</p><ul>"
              "<li><a href=\"/docs\">/docs</a> the HTTP API to read</li>"
              "<li><a href=\"/openapi.json\">/openapi.json</a> the same for programs</li>"
              "<li><a href=\"/health\">/health</a> how this node is</li></ul></main>\n");
}

}  // namespace mosaic::http
