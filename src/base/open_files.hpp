// How many files and connections this process may have open (getrlimit(2), RLIMIT_NOFILE).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace mosaic {

/// Files besides connections: the log, the catalog, and some for each shard and searcher.
constexpr std::uint64_t kFilesBesideConnections = 1'024;

/// Raises the soft limit to the hard one and gives what is in force then; the largest number when
/// there is no limit.
std::uint64_t raise_open_files_limit();

/// What an operator should know when so many open files do not suffice for so many connections.
std::optional<std::string> open_files_warning(std::uint64_t open_files_max,
                                              std::uint64_t connections_max);

}  // namespace mosaic
