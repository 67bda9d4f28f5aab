// A small file that is replaced as a whole: after a crash or a loss of power it holds what it held
// before, or what it was given, never part of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mosaic {

/// Writes beside `path`, syncs, renames, syncs the folder. Throws unavailable.
void write_durably(const std::filesystem::path& path, std::string_view bytes);

/// The same for a file that must not be there yet, with `mode` less the umask. Throws
/// already_exists; unavailable.
void write_new_durably(const std::filesystem::path& path, std::string_view bytes, unsigned mode);

/// Makes what was created, renamed or removed in a folder outlive a loss of power. Throws
/// unavailable.
void sync_folder(const std::filesystem::path& folder);

/// Makes a folder, and those above it that are missing, with `mode` less the umask; their names
/// outlive a loss of power, too. Throws unavailable.
void make_durable_folder(const std::filesystem::path& folder, unsigned mode = 0777);

/// Nothing when there is no such file. Throws unavailable when it cannot be read.
std::optional<std::string> read_whole(const std::filesystem::path& path);

}  // namespace mosaic
