// The one table of what a node can be told. The configuration file, the environment, the flags,
// `--help` and `--print-config` all follow it, in its order. Settings of one section stand
// together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/node_settings.hpp"
#include "mosaic/result.hpp"

namespace mosaic::cli {

using SettingRef =
    std::variant<std::string*, std::uint32_t*, std::uint64_t*, bool*, std::vector<std::string>*>;

/// Of a setting that is a list.
constexpr std::size_t kListItemsMax = 100;

struct Setting {
  std::string_view section;
  std::string_view key;
  std::string_view short_flag;  ///< like "listen" for --listen; empty for none
  std::string_view help;
  SettingRef (*ref)(NodeSettings&);
  std::uint64_t min = 0;  ///< limits of a number
  std::uint64_t max = 0;
  Status (*check)(std::string_view) = nullptr;  ///< what a text, or each one of a list, must be
  bool secret = false;                          ///< never shown
  bool bytes = false;                           ///< a number that may have a unit, as in 2GiB

  std::string name() const;         ///< section.key
  std::string environment() const;  ///< MOSAIC_SECTION_KEY
  bool is_text() const;
  bool is_list() const;             ///< of texts
  bool is_switch() const;           ///< true or false
  std::string what_number() const;  ///< as an error says it: which numbers are allowed
};

std::span<const Setting> setting_table();

/// nullptr when there is none.
const Setting* find_setting(std::string_view section, std::string_view key);
bool is_section(std::string_view section);

/// Stores a value; the error says what is allowed, the caller adds which setting and where from. A
/// switch takes the texts true, false, 1 and 0; a number of bytes may have a unit; the items of a
/// list stand between commas.
Status assign(const Setting& setting, std::string_view text, NodeSettings& settings);
Status assign(const Setting& setting, std::uint64_t number, NodeSettings& settings);
/// Of a list.
Status assign(const Setting& setting, std::vector<std::string> items, NodeSettings& settings);

/// What people get to see of a value that was given.
std::string_view shown(const Setting& setting, std::string_view value);

/// A string as TOML writes it.
std::string toml_string(std::string_view text);

/// The value in force as TOML writes it: a quoted string, a list of them, a number, true or
/// false.
std::string toml_value(const Setting& setting, const NodeSettings& settings);

}  // namespace mosaic::cli
