// Files that others have written, and the names of files and folders, made to outlive a loss of
// power. Throws Failure(unavailable) when the disk does not do it.
#pragma once

#include <filesystem>

namespace mosaic {

/// Everything written to the file is on disk when this returns.
void sync_file(const std::filesystem::path& path);

/// Gives a file or folder another name.
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace mosaic
