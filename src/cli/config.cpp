#include "cli/config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "base/cluster_settings.hpp"
#include "cli/settings.hpp"
#include "cli/toml_file.hpp"
#include "cli/usage_error.hpp"

namespace mosaic::cli {
namespace {

constexpr std::string_view kPrefix = "MOSAIC_";

void require(const Status& status, const Setting& setting, std::string_view value,
             const std::string& origin) {
  if (status) return;
  throw UsageError(fmt::format("{} = '{}' ({}): {}", setting.name(), shown(setting, value), origin,
                               status.error().detail));
}

[[noreturn]] void unknown(const std::string& name, std::string_view value,
                          const std::string& origin) {
  throw UsageError(fmt::format("{} = '{}' ({}): there is no such setting", name, value, origin));
}

Status assign_entry(const Setting& setting, const TomlEntry& entry, NodeSettings& settings) {
  if (const auto* number = std::get_if<std::int64_t>(&entry.value); number && *number >= 0) {
    return assign(setting, static_cast<std::uint64_t>(*number), settings);
  }
  if (const auto* on = std::get_if<bool>(&entry.value); on != nullptr && setting.is_switch()) {
    return assign(setting, *on ? "true" : "false", settings);
  }
  if (const auto* items = std::get_if<std::vector<std::string>>(&entry.value);
      items != nullptr && setting.is_list()) {
    return assign(setting, *items, settings);
  }
  // A number in quotes is a mistake in a file, though not in the environment: but 2GiB needs them.
  if (const auto* text = std::get_if<std::string>(&entry.value);
      text && (setting.is_text() || setting.is_list() || setting.bytes)) {
    return assign(setting, *text, settings);
  }
  if (setting.is_text()) return invalid("must be a text in quotes");
  if (setting.is_list()) return invalid("must be a list of texts in quotes");
  if (setting.is_switch()) return invalid("must be true or false");
  return invalid(setting.what_number());
}

void apply_file(const std::string& path, Config& config) {
  for (const auto& entry : read_toml(path)) {
    const auto origin = fmt::format("file {}:{}", path, entry.line);
    const auto name = entry.key.empty() ? entry.section : entry.section + '.' + entry.key;
    const auto* setting = find_setting(entry.section, entry.key);
    if (setting == nullptr) unknown(name, entry.source, origin);
    require(assign_entry(*setting, entry, config.settings), *setting, entry.source, origin);
    config.origins[name] = "file " + path;
  }
}

/// "HTTP_LISTEN" is of the form of a setting because there is a section http.
bool names_a_section(std::string_view rest) {
  const auto underscore = rest.find('_');
  if (underscore == std::string_view::npos) return false;
  std::string section(rest.substr(0, underscore));
  std::transform(section.begin(), section.end(), section.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return is_section(section);
}

void apply_environment(const Environment& environment, Config& config) {
  for (const auto& setting : setting_table()) {
    const auto found = environment.find(setting.environment());
    if (found == environment.end()) continue;
    const auto origin = "environment " + found->first;
    require(assign(setting, found->second, config.settings), setting, found->second, origin);
    config.origins[setting.name()] = origin;
  }
  for (const auto& [name, value] : environment) {
    if (name.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    const auto table = setting_table();
    const bool known = std::any_of(table.begin(), table.end(),
                                   [&](const Setting& s) { return s.environment() == name; });
    if (!known && names_a_section(std::string_view(name).substr(kPrefix.size()))) {
      unknown(name, value, "environment");
    }
  }
}

void apply_flags(const std::vector<std::pair<std::string, std::string>>& flags, Config& config) {
  for (const auto& [name, value] : flags) {
    const auto dot = name.find('.');
    const auto* setting = find_setting(name.substr(0, dot), name.substr(dot + 1));
    const auto origin = "flag --" + name;
    if (setting == nullptr) unknown(name, value, origin);
    require(assign(*setting, value, config.settings), *setting, value, origin);
    config.origins[name] = origin;
  }
}

}  // namespace

Environment process_environment() {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return out;
}

Config load_config(const ConfigSources& sources) {
  Config config;
  for (const auto& setting : setting_table()) config.origins[setting.name()] = "default";
  if (sources.file) apply_file(*sources.file, config);
  apply_environment(sources.environment, config);
  apply_flags(sources.flags, config);
  if (const auto checked = check_cluster(config.settings); !checked)
    throw UsageError(checked.error().detail);
  return config;
}

std::string print_config(const Config& config) {
  std::string out;
  std::string_view section;
  for (const auto& setting : setting_table()) {
    if (setting.section != section) {
      out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", setting.section);
      section = setting.section;
    }
    auto origin = config.origins.at(setting.name());
    // A line break in a file's name must not become a line of its own.
    std::replace_if(
        origin.begin(), origin.end(), [](unsigned char c) { return c < 0x20; }, '?');
    out +=
        fmt::format("{} = {}  # {}\n", setting.key, toml_value(setting, config.settings), origin);
  }
  return out;
}

}  // namespace mosaic::cli
