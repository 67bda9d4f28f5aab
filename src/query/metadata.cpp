#include "query/metadata.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

#include "mosaic/document.hpp"

namespace mosaic::query {
namespace {

namespace dom = simdjson::dom;

/// What a walk over a parsed text has met.
struct Shape {
  std::size_t depth = 0;  ///< the most levels of nesting
  bool nul = false;       ///< within a key or a string

  void look_at(dom::element element, std::size_t level = 0) {
    depth = std::max(depth, level);
    dom::object fields;
    dom::array items;
    std::string_view text;
    if (element.get_object().get(fields) == simdjson::SUCCESS) {
      depth = std::max(depth, level + 1);
      for (const auto& [key, value] : fields) {
        look_at_text(key);
        look_at(value, level + 1);
      }
    } else if (element.get_array().get(items) == simdjson::SUCCESS) {
      depth = std::max(depth, level + 1);
      for (const auto item : items) look_at(item, level + 1);
    } else if (element.get_string().get(text) == simdjson::SUCCESS) {
      look_at_text(text);
    }
  }

  void look_at_text(std::string_view text) {
    nul = nul || text.find('\0') != std::string_view::npos;
  }
};

}  // namespace

Result<std::string> minified_metadata(std::string_view text) {
  // Before anything is parsed: white space is no reason to send much more than is kept.
  if (text.size() > kMetadataBytesMax) {
    return Error{ErrorCode::kPayloadTooLarge,
                 fmt::format("metadata has {} bytes, at most {}", text.size(), kMetadataBytesMax)};
  }
  thread_local dom::parser parser;
  dom::element element;
  if (const auto error = parser.parse(text.data(), text.size()).get(element))
    return invalid(fmt::format("metadata is not valid JSON: {}", simdjson::error_message(error)));
  if (!element.is_object()) return invalid("metadata is not a JSON object");
  Shape shape;
  shape.look_at(element);
  if (shape.nul) return invalid("metadata holds a NUL character");
  if (shape.depth > kMetadataDepthMax) {
    return invalid(fmt::format("metadata is nested {} levels deep, at most {}", shape.depth,
                               kMetadataDepthMax));
  }
  // The text, not the parsed values: numbers keep the spelling they came in.
  std::string minified(text.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  if (const auto error = simdjson::minify(text.data(), text.size(), minified.data(), size))
    return invalid(fmt::format("metadata is not valid JSON: {}", simdjson::error_message(error)));
  minified.resize(size);
  minified.shrink_to_fit();
  return minified;
}

}  // namespace mosaic::query
