// Whether one document passes a filter. Metadata is parsed once, and only when a test needs it;
// plain comparisons allocate nothing. Each thread keeps a parser of its own.
#pragma once

#include "query/document_fields.hpp"
#include "query/filter_node.hpp"

namespace mosaic::query {

/// Throws Failure(kCorruptData) when the metadata is no JSON object.
bool holds(const FilterNode& filter, const DocumentFields& document);

}  // namespace mosaic::query
