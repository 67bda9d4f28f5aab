#include "mosaic/search.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "mosaic/centroids.hpp"

namespace mosaic {
namespace {

constexpr std::array<std::string_view, 4> kModes = {"default", "vector", "text", "hybrid"};
constexpr std::array<std::string_view, 2> kFusions = {"rrf", "weighted"};
constexpr std::array<std::string_view, 3> kConsistencies = {"eventual", "session", "strong"};

Status validate_query(const SearchRequest& request) {
  if (!request.query) return {};
  const auto& query = *request.query;
  if (query.empty()) return invalid("query is empty");
  if (query.size() > kQueryBytesMax) {
    return invalid(fmt::format("query has {} bytes, at most {}", query.size(), kQueryBytesMax));
  }
  if (query.find('\0') != std::string::npos) return invalid("query holds a NUL character");
  if (!is_utf8(query)) return invalid("query is not valid UTF-8");
  return {};
}

Status validate_document(const SearchRequest& request) {
  if (!request.document) return {};
  if (const auto checked = validate_id(*request.document, "document"); !checked) return checked;
  if (request.vector.empty()) return {};
  return invalid(
      fmt::format("document '{}' and vector are both given: each is the vector to search with",
                  *request.document));
}

Status validate_mode(const SearchRequest& request) {
  const bool text = request.query || request.document;
  if (!text && request.vector.empty())
    return invalid("one of query, vector and document is required");
  const auto mode = effective_mode(request);
  if (mode != SearchMode::kVector && !text)
    return invalid(fmt::format("mode '{}' needs a query or a document", to_string(mode)));
  return {};
}

Status validate_share(std::string_view field, double value, double max) {
  if (value >= 0 && value <= max) return {};
  return invalid(fmt::format("{} is {}, must be 0 to {}", field, value, max));
}

Status validate_ranking(const SearchRequest& request) {
  const auto& [chosen, text, pagerank] = request.weights;
  const auto vector = chosen.value_or(1);
  if (const auto checked = validate_share("weights.vector", vector, kWeightMax); !checked)
    return checked;
  if (const auto checked = validate_share("weights.text", text, kWeightMax); !checked)
    return checked;
  if (const auto checked = validate_share("weights.pagerank", pagerank, kWeightMax); !checked)
    return checked;
  // PageRank orders what the others find; alone it would have nothing to order.
  if (vector == 0 && text == 0)
    return invalid("weights.vector and weights.text are both 0, one must be positive");
  return validate_share("diversity", request.diversity, 1);
}

Status validate_shards_to_search(std::uint32_t shards, const CollectionSettings& settings) {
  if (shards == 0) return {};
  if (shards > kShardsMax)
    return invalid(fmt::format("shards_to_search is {}, must be 0 to {}", shards, kShardsMax));
  if (is_by_centroid(settings)) return {};
  return invalid(fmt::format(
      "shards_to_search is {}, but collection '{}' is routed by {}: which shards are nearest to a "
      "query is known where routing is 'centroid'",
      shards, settings.name, settings.routing));
}

}  // namespace

std::string_view to_string(SearchMode mode) {
  return kModes[static_cast<std::size_t>(mode)];
}

std::string_view to_string(Fusion fusion) {
  return kFusions[static_cast<std::size_t>(fusion)];
}

std::string_view to_string(Consistency consistency) {
  return kConsistencies[static_cast<std::size_t>(consistency)];
}

SearchMode effective_mode(const SearchRequest& request) {
  if (request.mode != SearchMode::kDefault) return request.mode;
  return request.query ? SearchMode::kHybrid : SearchMode::kVector;
}

double default_vector_weight(Fusion fusion, const CollectionSettings& settings) {
  const bool own = settings.embedder == "builtin" && settings.dimension == kBuiltinDimension;
  const bool word_by_word =
      own || settings.embedder == "hash" || settings.embedder.starts_with(kModelPrefix);
  return fusion == Fusion::kWeighted && word_by_word ? kStaticVectorWeight : 1;
}

std::uint32_t effective_ef(const SearchRequest& request) {
  return request.ef == 0 ? kEfDefault : request.ef;
}

Status validate(const SearchRequest& request, const CollectionSettings& settings) {
  if (request.k < 1 || request.k > kHitsMax) {
    return invalid(fmt::format("k is {}, must be 1 to {}", request.k, kHitsMax));
  }
  if (request.ef > kEfMax)
    return invalid(fmt::format("ef is {}, must be 1 to {}", request.ef, kEfMax));
  if (request.timeout_ms > kTimeoutMsMax) {
    return invalid(
        fmt::format("timeout_ms is {}, must be 1 to {}", request.timeout_ms, kTimeoutMsMax));
  }
  if (request.min_score && !std::isfinite(*request.min_score))
    return invalid("min_score is not a finite number");
  if (const auto checked = validate_shards_to_search(request.shards_to_search, settings); !checked)
    return checked;
  if (const auto checked = validate_query(request); !checked) return checked;
  if (const auto checked = validate_document(request); !checked) return checked;
  if (const auto checked = validate_mode(request); !checked) return checked;
  if (const auto checked = validate_ranking(request); !checked) return checked;
  if (request.vector.empty()) return {};
  return validate_vector(request.vector, settings);
}

}  // namespace mosaic
