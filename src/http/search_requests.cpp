#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "http/json_reader.hpp"
#include "http/json_requests.hpp"

namespace mosaic::http {
namespace {

/// Fields of the contract's search that belong to later versions.
constexpr std::array<std::string_view, 3> kUnserved = {"near", "facets", "group_by"};

SearchMode read_mode(JsonValue value) {
  const auto word = value.string();
  for (const auto mode : {SearchMode::kVector, SearchMode::kText, SearchMode::kHybrid}) {
    if (word == to_string(mode)) return mode;
  }
  value.refuse_value("one of vector, text, hybrid");
}

Fusion read_fusion(JsonValue value) {
  const auto word = value.string();
  for (const auto fusion : {Fusion::kRrf, Fusion::kWeighted}) {
    if (word == to_string(fusion)) return fusion;
  }
  value.refuse_value("one of rrf, weighted");
}

Consistency read_consistency(JsonValue value) {
  const auto word = value.string();
  for (const auto consistency :
       {Consistency::kEventual, Consistency::kSession, Consistency::kStrong}) {
    if (word == to_string(consistency)) return consistency;
  }
  value.refuse_value("one of eventual, session, strong");
}

Weights read_weights(JsonValue value) {
  Weights weights;
  value.object().each_field([&](std::string_view key, JsonValue field) {
    if (key == "vector") {
      weights.vector = field.number();
    } else if (key == "text") {
      weights.text = field.number();
    } else if (key == "pagerank") {
      weights.pagerank = field.number();
    } else {
      refuse_unknown(field);
    }
  });
  return weights;
}

AsOf read_as_of(JsonValue value) {
  if (value.is_string()) return checked_as_of(value.string());
  return {.seq = value.whole_number(0, kSeqMax)};
}

Include read_include(JsonValue value) {
  Include include{.title = false, .text = false, .metadata = false};
  value.each_item([&](JsonValue item) {
    if (!add_include(include, item.string())) {
      item.refuse_value("one of title, text, metadata, vector, links");
    }
  });
  return include;
}

void read_ranking(SearchRequest& request, std::string_view key, JsonValue value) {
  if (key == "fusion") {
    request.fusion = read_fusion(value);
  } else if (key == "weights") {
    request.weights = read_weights(value);
  } else if (key == "diversity") {
    request.diversity = value.number();
  } else if (key == "explain") {
    request.explain = value.boolean();
  } else if (key == "ef") {
    request.ef = static_cast<std::uint32_t>(value.whole_number(1, kEfMax));
  } else if (key == "exact") {
    request.exact = value.boolean();
  } else if (key == "shards_to_search") {
    request.shards_to_search = static_cast<std::uint32_t>(value.whole_number(0, kShardsMax));
  } else if (key == "audit") {
    request.audit = value.boolean();
  } else if (key == "as_of") {
    request.as_of = read_as_of(value);
  } else if (std::find(kUnserved.begin(), kUnserved.end(), key) != kUnserved.end()) {
    refuse_unserved(value);
  } else {
    refuse_unknown(value);
  }
}

void read_question(SearchRequest& request, std::string_view key, JsonValue value) {
  if (key == "query") {
    request.query = value.string();
  } else if (key == "vector") {
    request.vector = value.vector();
  } else if (key == "document") {
    request.document = value.string();
  } else if (key == "filter") {
    request.filter = value.object_text(kFilterBytesMax);
  } else if (key == "where") {
    request.where = value.string();
    if (request.where.empty()) value.refuse_value("an SQL expression");
  } else {
    read_ranking(request, key, value);
  }
}

void read_field(SearchRequest& request, std::string_view key, JsonValue value) {
  if (key == "k") {
    request.k = value.whole_number(1, kHitsMax);
  } else if (key == "mode") {
    request.mode = read_mode(value);
  } else if (key == "min_score") {
    request.min_score = value.number();
  } else if (key == "timeout_ms") {
    request.timeout_ms = static_cast<std::uint32_t>(value.whole_number(1, kTimeoutMsMax));
  } else if (key == "include") {
    request.include = read_include(value);
  } else if (key == "consistency") {
    request.consistency = read_consistency(value);
  } else if (key == "min_seq") {
    request.min_seq = value.whole_number(0, kSeqMax);
  } else {
    read_question(request, key, value);
  }
}

SearchRequest read_request(std::string collection, JsonObject object) {
  SearchRequest request;
  request.collection = std::move(collection);
  object.each_field(
      [&](std::string_view key, JsonValue value) { read_field(request, key, value); });
  return request;
}

std::vector<SearchRequest> read_searches(const std::string& collection, JsonValue value) {
  std::vector<SearchRequest> searches;
  value.each_item([&](JsonValue item) {
    if (searches.size() == kBatchSearchesMax) {
      throw Failure(ErrorCode::kPayloadTooLarge,
                    fmt::format("searches has more than {} items", kBatchSearchesMax));
    }
    searches.push_back(read_request(collection, item.object()));
  });
  if (searches.empty()) throw Failure(invalid("searches is empty"));
  return searches;
}

}  // namespace

bool add_include(Include& include, std::string_view word) {
  if (word == "title") return include.title = true;
  if (word == "text") return include.text = true;
  if (word == "metadata") return include.metadata = true;
  if (word == "vector") return include.vector = true;
  if (word == "links") return include.links = true;
  return false;
}

SearchRequest read_search(std::string collection, std::string body) {
  SearchRequest request;
  JsonText(std::move(body)).read([&](JsonObject object) {
    request = read_request(std::move(collection), object);
  });
  return request;
}

std::vector<SearchRequest> read_search_batch(const std::string& collection, std::string body) {
  std::vector<SearchRequest> searches;
  bool given = false;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      if (key != "searches") refuse_unknown(value);
      searches = read_searches(collection, value);
      given = true;
    });
    if (!given) refuse_missing("searches", object.path());
  });
  return searches;
}

}  // namespace mosaic::http
