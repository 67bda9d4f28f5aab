#include "mosaic/backup.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/rfc3339.hpp"

namespace mosaic {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

/// A time has colons: no name does.
Status validate_snapshot_name(std::string_view name) {
  const auto is_inner = [](char c) { return is_word(c) || c == '_' || c == '.' || c == '-'; };
  if (name.empty() || name.size() > kSnapshotNameBytesMax || !is_word(name.front()) ||
      !std::all_of(name.begin(), name.end(), is_inner)) {
    return invalid(
        fmt::format("name is '{}', must be 1 to {} letters, digits, '.', '_' and '-', the first a "
                    "letter or digit",
                    name, kSnapshotNameBytesMax));
  }
  if (!std::all_of(name.begin(), name.end(), is_digit)) return {};
  return invalid(fmt::format("name is '{}': a number alone means a seq to `as_of`", name));
}

std::string snapshot_name_at(std::int64_t created_at_ms) {
  auto name = to_rfc3339(created_at_ms);
  std::replace(name.begin(), name.end(), ':', '-');
  return name;
}

}  // namespace mosaic
