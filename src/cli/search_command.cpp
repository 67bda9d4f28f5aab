#include <charconv>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/table.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;

// Enough for a line of any terminal; texts may have a megabyte.
constexpr std::size_t kSnippetBytes = 4'096;

/// Digits alone are a seq, as in a query parameter.
void add_as_of(JsonWriter& body, const std::string& as_of) {
  body.key("as_of");
  const bool is_seq = as_of.find_first_not_of("0123456789") == std::string::npos;
  std::uint64_t seq = 0;
  const auto* end = as_of.data() + as_of.size();
  if (is_seq && std::from_chars(as_of.data(), end, seq).ec == std::errc()) {
    body.number(seq);
  } else {
    body.string(as_of);
  }
}

std::string search_body(const SearchArguments& arguments) {
  JsonWriter body;
  body.begin_object().key("query").string(arguments.text).key("k").number(arguments.k);
  if (!arguments.mode.empty()) body.key("mode").string(arguments.mode);
  if (!arguments.filter.empty()) body.key("filter").raw(arguments.filter);
  if (!arguments.where.empty()) body.key("where").string(arguments.where);
  if (!arguments.as_of.empty()) add_as_of(body, arguments.as_of);
  return body.end_object().take();
}

std::string score_of(const Json& hit) {
  const auto found = hit.find("score");
  return found != hit.end() && found->is_number() ? fmt::format("{:.4f}", found->get<double>())
                                                  : "-";
}

std::string optional_text(const Json& hit, const char* key) {
  const auto found = hit.find(key);
  return found != hit.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string hits_table(const Json& hits, const Terminal& terminal) {
  Table table({{"rank", true}, {"score", true}, {"id"}, {"title", false, true}});
  int rank = 0;
  for (const auto& hit : hits) {
    table.add_row(
        {std::to_string(++rank), score_of(hit), field(hit, "id"), optional_text(hit, "title")});
    table.add_note(optional_text(hit, "text").substr(0, kSnippetBytes));
  }
  return table.render(terminal);
}

/// The error of a shard may be a text or an object with code and detail.
std::string failure_reason(const Json& failure) {
  const auto error = failure.find("error");
  if (error != failure.end() && error->is_object()) return field(*error, "detail");
  return field(failure, "error");
}

void report_missing(const Json& answer, const Console& console) {
  const auto shards = answer.value("shards", Json::object());
  console.err << fmt::format("mosaic: partial answer: {} of {} shards answered\n",
                             field(shards, "searched"), field(shards, "total"));
  for (const auto& failure : items(shards, "failed")) {
    const auto line =
        fmt::format("mosaic: missing: shard {} on node {}: {}", field(failure, "shard"),
                    field(failure, "node"), failure_reason(failure));
    console.err << one_line(line) << '\n';
  }
}

std::string summary(const Json& answer, std::size_t hits, bool partial) {
  const auto took = answer.find("took_ms");
  const auto time = took != answer.end() && took->is_number()
                        ? fmt::format(" in {:.1f} ms", took->get<double>())
                        : "";
  return fmt::format("{} {}{}{}\n", hits, hits == 1 ? "hit" : "hits", time,
                     partial ? ", partial: some shards are missing" : "");
}

}  // namespace

int run_search(const SearchArguments& arguments, const Console& console) {
  ApiClient client(arguments.server);
  const auto reply =
      client.call("POST", collection_path(arguments.collection, "/search"), search_body(arguments));
  const auto answer = reply.json();
  const bool partial = answer.is_object() && answer.value("partial", Json(false)) == Json(true);
  const auto& hits = items(answer, "hits");
  if (arguments.json) {
    console.out << reply.body << '\n';
  } else {
    if (!hits.empty()) console.out << hits_table(hits, console.out_terminal) << '\n';
    console.out << summary(answer, hits.size(), partial);
  }
  console.out.flush();
  if (partial) report_missing(answer, console);
  return 0;
}

}  // namespace mosaic::cli
