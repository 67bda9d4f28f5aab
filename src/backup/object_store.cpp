#include "backup/object_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mosaic::backup {
namespace {

bool is_plain_segment(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != "..";
}

bool has_plain_segments(std::string_view key) {
  for (;;) {
    const auto slash = key.find('/');
    if (!is_plain_segment(key.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

}  // namespace

Status validate_key(std::string_view key) {
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; };
  if (key.size() <= kKeyBytesMax && std::all_of(key.begin(), key.end(), visible) &&
      has_plain_segments(key)) {
    return {};
  }
  return invalid(fmt::format(
      "object key '{}' must be a relative path of visible ASCII without '.' and '..', at most {} "
      "bytes",
      key.substr(0, kKeyBytesMax), kKeyBytesMax));
}

}  // namespace mosaic::backup
