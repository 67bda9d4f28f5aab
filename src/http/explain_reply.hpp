// How a search went and what its audit says, as the JSON of the public contract. Pure.
#pragma once

#include "base/json_writer.hpp"
#include "mosaic/search.hpp"

namespace mosaic::http {

// Each appends one object.

void write_explain(JsonWriter& json, const Explain& explain);
/// `recall` is null, and `error` says why, where there was no audit.
void write_audit(JsonWriter& json, const Audit& audit);

}  // namespace mosaic::http
