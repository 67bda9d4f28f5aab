// The ports at which other nodes find this one: chosen once, and kept in the data folder, so that
// the others find it again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace mosaic::actors {

struct cluster_ports {
  std::uint16_t actors = 0;
  std::uint16_t log = 0;
};

/// Ports that are wanted are taken as they are; 0 is the one of before, or a free one at `host`.
/// What is kept and damaged counts as nothing. Throws unavailable.
cluster_ports kept_ports(const std::filesystem::path& data_folder, const std::string& host,
                         cluster_ports wanted);

}  // namespace mosaic::actors
