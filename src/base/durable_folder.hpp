// Names of files are entries of their folder: a new, renamed or removed one survives a loss of power
// only once the folder itself has been synced (POSIX fsync). Any thread.
#pragma once

#include <filesystem>

namespace mosaic {

/// Makes the entries of `folder` durable; "" is the current one. 0, or the errno of what failed.
int sync_folder(const std::filesystem::path& folder);

/// Makes `folder`, and those above it that are missing. Its name is durable when it returns 0;
/// otherwise the errno of what failed.
int make_durable_folder(const std::filesystem::path& folder);

}  // namespace mosaic
