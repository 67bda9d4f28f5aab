// What is in force for a node and from where: defaults < file < environment < flags.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/node_settings.hpp"

namespace mosaic::cli {

/// Names and values of environment variables.
using Environment = std::map<std::string, std::string>;

/// The environment of this process.
Environment process_environment();

struct ConfigSources {
  std::optional<std::string> file;
  Environment environment;
  std::vector<std::pair<std::string, std::string>> flags;  ///< "section.key" and its value
};

struct Config {
  NodeSettings settings;
  /// By "section.key": "default", "file PATH", "environment NAME" or "flag --NAME".
  std::map<std::string, std::string> origins;
};

/// Throws UsageError that names key, value and source. Variables beginning with MOSAIC_ that do not
/// name a section belong to somebody else and are left alone.
Config load_config(const ConfigSources& sources);

/// TOML of everything in force, each value with a comment where it comes from.
std::string print_config(const Config& config);

}  // namespace mosaic::cli
