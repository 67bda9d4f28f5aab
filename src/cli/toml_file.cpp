#include "cli/toml_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "cli/usage_error.hpp"

namespace mosaic::cli {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // An empty file inserts nothing, which is no error; a folder opens but cannot be read.
  if (!file || (file.peek() != std::ifstream::traits_type::eof() && !(text << file.rdbuf())) ||
      file.bad()) {
    const auto why = std::system_category().message(errno != 0 ? errno : EIO);
    throw UsageError(fmt::format("cannot read the configuration file '{}': {}", path, why));
  }
  return text.str();
}

/// None when it is no array or holds anything but texts.
std::optional<std::vector<std::string>> texts_of(const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& item : *array) {
    const auto text = item.value_exact<std::string>();
    if (!text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

TomlEntry to_entry(std::string section, std::string key, const toml::node& node) {
  TomlEntry entry{std::move(section), std::move(key), std::monostate{}, "", 0};
  entry.line = node.source().begin.line;
  if (const auto text = node.value_exact<std::string>()) {
    entry.value = *text;
    entry.source = *text;
  } else if (const auto number = node.value_exact<std::int64_t>()) {
    entry.value = *number;
    entry.source = std::to_string(*number);
  } else if (const auto on = node.value_exact<bool>()) {
    entry.value = *on;
    entry.source = *on ? "true" : "false";
  } else {
    if (auto texts = texts_of(node)) entry.value = *std::move(texts);
    std::ostringstream shown;
    node.visit([&](const auto& value) { shown << value; });
    entry.source = shown.str();
  }
  return entry;
}

std::vector<TomlEntry> flatten(const toml::table& root) {
  std::vector<TomlEntry> entries;
  for (const auto& [section, node] : root) {
    const auto* table = node.as_table();
    if (table == nullptr) {
      entries.push_back(to_entry(std::string(section.str()), "", node));
      continue;
    }
    for (const auto& [key, value] : *table) {
      entries.push_back(to_entry(std::string(section.str()), std::string(key.str()), value));
    }
  }
  return entries;
}

}  // namespace

std::vector<TomlEntry> read_toml(const std::string& path) {
  const auto text = read_text(path);
  try {
    return flatten(toml::parse(text, path));
  } catch (const toml::parse_error& error) {
    throw UsageError(fmt::format("configuration file {}:{}: {}", path, error.source().begin.line,
                                 error.description()));
  }
}

}  // namespace mosaic::cli
