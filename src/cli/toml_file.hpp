// A configuration file (TOML 1.0) as a flat list of its keys. The only file that knows toml++.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace mosaic::cli {

struct TomlEntry {
  std::string section;
  std::string key;  ///< empty: `section` itself stands at the top level and is no table
  /// An array is one of texts; monostate: any other type
  std::variant<std::string, std::int64_t, bool, std::vector<std::string>, std::monostate> value;
  std::string source;  ///< the value as the file has it, for errors
  std::size_t line = 0;
};

/// Throws UsageError when the file cannot be read or is not TOML.
std::vector<TomlEntry> read_toml(const std::string& path);

}  // namespace mosaic::cli
