// Splits a JSON object into its members without building a tree: values stay the text they are, so
// nothing about them is lost on the way to the server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::cli {

struct JsonMember {
  std::string key;
  std::string_view value;  ///< JSON text within the line
};

/// Error when `text` is not valid JSON (RFC 8259) or no object. Of a key that comes twice the last
/// value counts. The values live as long as `text`.
Result<std::vector<JsonMember>> members_of_line(std::string_view text);

/// The members of the text of an object that is known to be valid JSON.
std::vector<JsonMember> members_of_object(std::string_view object);

/// Values of an array that is known to be valid JSON.
std::vector<std::string_view> items_of_array(std::string_view array);

/// The text of a string token that is known to be valid JSON.
std::string decode_string(std::string_view token);

}  // namespace mosaic::cli
