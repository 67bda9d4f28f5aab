// How a search went, as the JSON of the public contract. Pure.
#pragma once

#include "base/json_writer.hpp"
#include "mosaic/search.hpp"

namespace mosaic::http {

/// Appends one object.
void write_explain(JsonWriter& json, const Explain& explain);

}  // namespace mosaic::http
