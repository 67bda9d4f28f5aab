// Says what is wrong with JSON that the parser refuses for a number: valid JSON, but no number of
// 64 bits. Only looked at once parsing has failed.
#pragma once

#include <string_view>

#include "http/json_reader.hpp"

namespace mosaic::http {

/// Throws the Failure that names the first number in `text`, a JSON value at `path`, that is out of
/// range. Returns when there is none as far as the text can be read.
void refuse_number_out_of_range(std::string_view text, const JsonPath& path);

}  // namespace mosaic::http
