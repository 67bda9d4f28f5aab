// A small text file of named numbers with a checksum, for what the log must know before its engine
// starts: people can read it, damage is noticed.
//   mosaic log 1
//   node 11400714819323198485
//   checksum 5d1f0b7e9c2a4483
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::replication {

using Numbers = std::map<std::string, std::uint64_t>;

/// Replaces the file durably. Names are words. Throws unavailable.
void write_numbers(const std::filesystem::path& path, const Numbers& numbers);

/// Nothing when there is no such file. Error corrupt_data: it is not as it was written, or lacks
/// one of `wanted`, or is of a later version.
Result<std::optional<Numbers>> read_numbers(const std::filesystem::path& path,
                                            const std::vector<std::string>& wanted);

}  // namespace mosaic::replication
