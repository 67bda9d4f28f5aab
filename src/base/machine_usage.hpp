// What this process and its disk have left: read from the kernel, some microseconds each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace mosaic {

/// Bytes of this process that are in memory now (proc(5), statm); nothing when it cannot be read.
std::optional<std::uint64_t> resident_bytes();

/// Bytes that an ordinary user may still write to the file system of `path` (statvfs(3)); nothing
/// when it cannot be read.
std::optional<std::uint64_t> free_disk_bytes(const std::filesystem::path& path);

/// Bytes of the whole file system of `path` (statvfs(3)); nothing when it cannot be read.
std::optional<std::uint64_t> disk_bytes(const std::filesystem::path& path);

/// Gives memory that was freed, and that the allocator keeps, back to the kernel (malloc_trim(3)).
/// Takes up to some tens of milliseconds.
void release_free_memory();

}  // namespace mosaic
