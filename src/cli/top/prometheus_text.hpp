// Reads what GET /metrics answers: Prometheus' text format 0.0.4 (prometheus.io, "Exposition
// formats"). Pure. Comments, types and timestamps are passed over: a reader of one node's series
// knows what it asks for.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "mosaic/result.hpp"

namespace mosaic::cli {

using Labels = std::map<std::string, std::string, std::less<>>;

/// The series of one name, by their labels. A histogram's buckets are series of `<name>_bucket`.
using Family = std::map<Labels, double>;
using Families = std::map<std::string, Family, std::less<>>;

/// Every series of `text`. Errors: invalid_argument with the number of the first line that is none.
Result<Families> parse_prometheus_text(std::string_view text);

/// Whether every label of `wanted` is one of `labels`, with the same value.
bool has_labels(const Labels& labels, const Labels& wanted);

}  // namespace mosaic::cli
