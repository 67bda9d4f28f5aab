#include "mosaic/search.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace mosaic {
namespace {

constexpr std::array<std::string_view, 4> kModes = {"default", "vector", "text", "hybrid"};

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

Status validate_mode(const SearchRequest& request) {
  const auto mode = effective_mode(request);
  if (!request.query && request.vector.empty())
    return invalid("one of query and vector is required");
  if (mode != SearchMode::kVector && !request.query) {
    return invalid(fmt::format("mode '{}' needs a query", to_string(mode)));
  }
  return {};
}

}  // namespace

std::string_view to_string(SearchMode mode) {
  return kModes[static_cast<std::size_t>(mode)];
}

SearchMode effective_mode(const SearchRequest& request) {
  if (request.mode != SearchMode::kDefault) return request.mode;
  return request.query ? SearchMode::kHybrid : SearchMode::kVector;
}

Status validate(const SearchRequest& request, const CollectionSettings& settings) {
  if (request.k < 1 || request.k > kHitsMax) {
    return invalid(fmt::format("k is {}, must be 1 to {}", request.k, kHitsMax));
  }
  if (request.timeout_ms > kTimeoutMsMax) {
    return invalid(
        fmt::format("timeout_ms is {}, must be 1 to {}", request.timeout_ms, kTimeoutMsMax));
  }
  if (request.min_score && !std::isfinite(*request.min_score))
    return invalid("min_score is not a finite number");
  if (const auto checked = validate_query(request); !checked) return checked;
  if (const auto checked = validate_mode(request); !checked) return checked;
  if (request.vector.empty()) return {};
  return validate_vector(request.vector, settings);
}

}  // namespace mosaic
