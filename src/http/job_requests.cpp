#include "http/json_reader.hpp"
#include "http/json_requests.hpp"

namespace mosaic::http {
namespace {

void read_option(PageRankOptions& options, std::string_view key, JsonValue value) {
  if (key == "damping") {
    options.damping = value.number();
  } else if (key == "iterations") {
    options.iterations = static_cast<std::uint32_t>(value.whole_number(1, kPageRankIterationsMax));
  } else if (key == "tolerance") {
    options.tolerance = value.number();
  } else if (key == "weighted") {
    options.weighted = value.boolean();
  } else {
    refuse_unknown(value);
  }
}

}  // namespace

PageRankRequest read_pagerank(std::string collection, std::string body) {
  PageRankRequest request{std::move(collection), {}};
  if (body.empty()) return request;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field(
        [&](std::string_view key, JsonValue value) { read_option(request.options, key, value); });
  });
  return request;
}

ReembedRequest read_reembed(std::string collection, std::string body) {
  ReembedRequest request{std::move(collection), {}};
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      if (key == "embedder") {
        request.embedder = value.string();
      } else if (key == "dimension") {
        request.dimension = static_cast<std::uint32_t>(value.whole_number(1, kDimensionMax));
      } else {
        refuse_unknown(value);
      }
    });
    if (request.embedder.empty()) refuse_missing("embedder", object.path());
  });
  return request;
}

}  // namespace mosaic::http
