#include "cli/bench/corpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "cli/import/input_file.hpp"
#include "cli/json_fields.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kSampledMax = 1'000;
constexpr std::size_t kSampledNumbersMax = 500'000;  // A page of vectors stays below 10 MB.
constexpr std::size_t kWordsOfAText = 6;

/// What the collection says of itself.
struct Source {
  std::size_t dimension = 0;
  bool embeds = true;
  Json documents = Json::array();
};

Source read_source(ApiClient& client, const BenchArguments& arguments, std::mt19937_64& random) {
  const auto info = client.call("GET", collection_path(arguments.collection)).json();
  Source source;
  source.dimension = info.value("dimension", std::size_t{0});
  source.embeds = info.value("embedder", std::string()) != "none";
  const auto limit = std::clamp<std::size_t>(
      kSampledNumbersMax / std::max<std::size_t>(source.dimension, 1), 1, kSampledMax);
  const auto path = fmt::format("/documents?limit={}&include=vector", limit);
  const auto page = client.call("GET", collection_path(arguments.collection, path)).json();
  source.documents = items(page, "documents");
  std::shuffle(source.documents.begin(), source.documents.end(), random);
  return source;
}

/// Empty where there is none: a document may lack both.
std::string member_text(const Json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The title, else the first words of the text; empty where there is neither.
std::string text_of(const Json& document) {
  const auto title = member_text(document, "title");
  if (!title.empty()) return title;
  const auto text = member_text(document, "text");
  std::size_t end = 0;
  for (std::size_t i = 0; i < kWordsOfAText && end != std::string::npos; ++i) {
    end = text.find(' ', end == 0 ? 0 : end + 1);
  }
  return text.substr(0, end);
}

bool has_vector(const Json& document) {
  const auto found = document.find("vector");
  return found != document.end() && found->is_array() && !found->empty();
}

std::vector<std::string> sampled(const Source& source, Operation mode,
                                 const BenchArguments& arguments) {
  std::vector<std::string> bodies;
  for (const auto& document : source.documents) {
    Json query = Json::object();
    const auto text = text_of(document);
    if (mode != Operation::kVector && text.empty()) continue;
    if (mode != Operation::kVector) query["query"] = text;
    // Where the collection makes no vector of the query's text, the query must bring one.
    if (mode == Operation::kVector || (mode == Operation::kHybrid && !source.embeds)) {
      if (!has_vector(document)) continue;
      query["vector"] = document["vector"];
    }
    bodies.push_back(bench_search_body(std::move(query), mode, arguments));
  }
  return bodies;
}

std::vector<Json> read_queries(const std::string& path) {
  InputFile file(path);
  file.skip_byte_order_mark();
  std::vector<Json> queries;
  std::size_t number = 0;
  for (std::string line; file.next_line(line);) {
    ++number;
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    if (line[first] != '{') {
      queries.push_back({{"query", line}});
      continue;
    }
    auto body = Json::parse(line, nullptr, false);
    if (!body.is_object()) {
      throw Failure(invalid(fmt::format("{}:{}: the line is not JSON", file.name(), number)));
    }
    queries.push_back(std::move(body));
  }
  if (queries.empty()) throw Failure(invalid(fmt::format("{} holds no queries", file.name())));
  return queries;
}

/// What is written is like what is there, or a text of its own in an empty collection.
std::string document_members(const Source& source, const Json& like, std::mt19937_64& random) {
  Json members = Json::object();
  for (const auto* key : {"title", "text", "metadata"}) {
    if (like.contains(key) && !like[key].is_null()) members[key] = like[key];
  }
  if (!source.embeds) {
    std::normal_distribution<float> normal;
    auto& vector = members["vector"] = Json::array();
    for (std::size_t i = 0; i < source.dimension; ++i) vector.push_back(normal(random));
  }
  const auto text = members.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.substr(1, text.size() - 2);
}

std::vector<std::string> documents_like(const Source& source, std::mt19937_64& random) {
  const Json fallback = {{"title", "A document of a load test"},
                         {"text", "It is written by mosaic bench and deleted at its end."}};
  std::vector<std::string> documents;
  for (const auto& like : source.documents) {
    documents.push_back(document_members(source, like, random));
  }
  if (documents.empty()) documents.push_back(document_members(source, fallback, random));
  return documents;
}

void require_some(const std::vector<std::string>& found, const BenchArguments& arguments,
                  std::string_view what) {
  if (!found.empty()) return;
  throw Failure(invalid(
      fmt::format("collection '{}' has no document to take {} of", arguments.collection, what)));
}

}  // namespace

const std::vector<std::string>& BenchCorpus::searches(Operation mode) const {
  if (mode == Operation::kText) return text;
  return mode == Operation::kVector ? vector : hybrid;
}

std::string bench_search_body(Json query, Operation mode, const BenchArguments& arguments) {
  const auto set_default = [&query](const char* key, Json value) {
    if (!query.contains(key)) query[key] = std::move(value);
  };
  set_default("mode", to_string(mode));
  set_default("k", arguments.k);
  if (arguments.ef != 0) set_default("ef", arguments.ef);
  if (arguments.exact) set_default("exact", true);
  if (!arguments.filter.empty()) set_default("filter", Json::parse(arguments.filter));
  return query.dump(-1, ' ', false, Json::error_handler_t::replace);
}

BenchCorpus make_corpus(ApiClient& client, const BenchArguments& arguments, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto source = read_source(client, arguments, random);
  BenchCorpus corpus;
  corpus.documents = documents_like(source, random);
  for (const auto& document : source.documents) corpus.ids.push_back(document.value("id", ""));
  if (arguments.mix.reads_percent > 0) require_some(corpus.ids, arguments, "ids");
  std::vector<Json> queries;
  if (!arguments.queries_file.empty()) queries = read_queries(arguments.queries_file);
  std::shuffle(queries.begin(), queries.end(), random);
  const auto fill = [&](Operation mode, std::vector<std::string>& bodies) {
    for (const auto& query : queries) {
      bodies.push_back(bench_search_body(query, mode, arguments));
    }
    if (queries.empty()) bodies = sampled(source, mode, arguments);
    require_some(bodies, arguments, fmt::format("{} queries", to_string(mode)));
  };
  const auto& modes = arguments.mix.searches;
  const bool searches = arguments.mix.writes_percent + arguments.mix.reads_percent < 100;
  const auto wants = [&](Operation mode) {
    return searches && std::find(modes.begin(), modes.end(), mode) != modes.end();
  };
  if (wants(Operation::kText)) fill(Operation::kText, corpus.text);
  if (wants(Operation::kVector) || arguments.recall) fill(Operation::kVector, corpus.vector);
  if (wants(Operation::kHybrid)) fill(Operation::kHybrid, corpus.hybrid);
  return corpus;
}

}  // namespace mosaic::cli
