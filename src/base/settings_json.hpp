// A collection's settings as the JSON of the public contract. Pure.
#pragma once

#include <string_view>

#include "base/json_writer.hpp"
#include "mosaic/collection.hpp"

namespace mosaic {

/// The fields but for the name, into the object that is open; the number of shards as `shards_key`.
void write_settings(JsonWriter& json, const CollectionSettings& settings,
                    std::string_view shards_key);

}  // namespace mosaic
