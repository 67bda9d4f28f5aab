#include "shard/foreign_request.hpp"

#include <limits>

#include <fmt/format.h>

#include "query/metadata.hpp"

namespace mosaic::shard {
namespace {

constexpr std::size_t kTraceIdBytes = 32;
constexpr std::uint64_t kSecondsMax = std::numeric_limits<std::int64_t>::max();

/// A byte that is no enumerator must not get as far as the names of enumerators.
template <class Enum>
Status check_enum(std::string_view field, Enum value, Enum last) {
  const auto number = static_cast<unsigned>(value);
  if (number <= static_cast<unsigned>(last)) return {};
  return invalid(fmt::format("{} is {}, which is not one of its values", field, number));
}

bool is_trace_id(std::string_view text) {
  return text.size() == kTraceIdBytes &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Status check_foreign(const SearchRequest& request) {
  if (const auto checked = check_enum("mode", request.mode, SearchMode::kHybrid); !checked)
    return checked;
  if (const auto checked = check_enum("fusion", request.fusion, Fusion::kWeighted); !checked)
    return checked;
  // It is logged, which no text of a user's may be.
  if (request.trace_id.empty() || is_trace_id(request.trace_id)) return {};
  return invalid(fmt::format("trace_id has {} bytes, must be {} lower-case hex digits or empty",
                             request.trace_id.size(), kTraceIdBytes));
}

Status check_foreign(const DeleteRequest& request) {
  const int given = !request.ids.empty() + !request.filter.empty() + !request.where.empty();
  if (given == 1) return {};
  return invalid(fmt::format("exactly one of ids, filter and where is needed, found {}", given));
}

Status check_foreign(const CollectionSettings& settings) {
  if (const auto checked = check_enum("metric", settings.metric, Metric::kL1); !checked)
    return checked;
  if (const auto checked = check_enum("quantization", settings.quantization, Quantization::kBinary);
      !checked)
    return checked;
  if (const auto checked = check_enum("index.type", settings.index.type, IndexType::kFlat);
      !checked)
    return checked;
  if (settings.retention_s <= kSecondsMax) return {};
  return invalid(
      fmt::format("retention_s is {}, must be 0 to {}", settings.retention_s, kSecondsMax));
}

Status check_foreign(const RequestId& request) {
  if (request.window_s <= kIdempotencyWindowMaxS) return {};
  return invalid(fmt::format("window_s of the request is {}, must be at most {}", request.window_s,
                             kIdempotencyWindowMaxS));
}

Status check_foreign(UpsertRequest& request) {
  if (request.documents.empty()) return invalid("documents is empty");
  for (std::size_t i = 0; i < request.documents.size(); ++i) {
    auto& metadata = request.documents[i].metadata;
    if (metadata.empty()) continue;
    auto minified = query::minified_metadata(metadata);
    if (!minified) {
      return Error{minified.error().code,
                   fmt::format("documents[{}].{}", i, minified.error().detail)};
    }
    metadata = std::move(*minified);
  }
  return {};
}

}  // namespace mosaic::shard
