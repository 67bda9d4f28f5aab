// What a filter sees of one document version: views into memory that the caller keeps alive while
// the filter looks at them.
#pragma once

#include <optional>
#include <string_view>

namespace mosaic::query {

struct DocumentFields {
  std::string_view id{};
  std::optional<std::string_view> title{};
  std::optional<std::string_view> text{};
  std::string_view metadata{};  ///< a JSON object, or empty for none
};

/// The fields that somebody is going to read; a source may leave the others empty. The id is always
/// there.
struct FieldsNeeded {
  bool title = false;
  bool text = false;
  bool metadata = false;
  friend bool operator==(const FieldsNeeded&, const FieldsNeeded&) = default;
};

}  // namespace mosaic::query
