// A file by its descriptor, with errors that name the path. Owned like a unique_ptr; for one
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace mosaic::backup {

/// What is backed up is nobody else's business.
constexpr unsigned kPrivateFolder = 0700;

class DiskFile {
 public:
  /// Nothing is open.
  DiskFile() = default;
  /// `flags` as of open(2). Throws Failure: not_found without the file, already_exists for O_EXCL,
  /// otherwise unavailable.
  DiskFile(std::filesystem::path path, int flags);
  ~DiskFile();
  DiskFile(DiskFile&& other) noexcept;
  DiskFile& operator=(DiskFile&& other) noexcept;

  /// All of these throw Failure (unavailable) when the disk fails.
  std::uint64_t size() const;
  void resize(std::uint64_t bytes) const;
  /// As many bytes as are there, up to `bytes`.
  std::size_t read_at(std::uint64_t offset, char* out, std::size_t bytes) const;
  void write_at(std::uint64_t offset, std::string_view bytes) const;
  void sync() const;
  /// Synced pages leave the memory: what is read next comes from the disk.
  void forget_cached() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  [[noreturn]] void fail(std::string_view what) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace mosaic::backup
