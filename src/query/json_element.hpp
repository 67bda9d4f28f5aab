// The bridge between simdjson's parsed text and the values of filters. An element lives as long as
// the parser's last text.
#pragma once

#include <simdjson.h>

#include "query/json_value.hpp"

namespace mosaic::query {

/// The number in `element`, which must hold one.
JsonNumber to_number(simdjson::dom::element element);

/// An owned copy of `element`.
JsonValue to_value(simdjson::dom::element element);

/// Equality of JSON values: one type, numbers by exact value, objects regardless of key order.
bool equal(const JsonValue& value, simdjson::dom::element element);

}  // namespace mosaic::query
