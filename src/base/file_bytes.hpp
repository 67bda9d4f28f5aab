// A file read in order or at places, without mapping it: what is cut short meanwhile is an error,
// not a signal. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace mosaic {

class FileBytes {
 public:
  /// Throws Failure(unavailable) when it cannot be opened.
  explicit FileBytes(const std::filesystem::path& path);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::uint64_t size() const { return size_; }
  /// Fills `out` from `offset` on as far as the file goes; how many bytes that were. Throws
  /// Failure(unavailable) when the disk fails.
  std::size_t read(std::uint64_t offset, std::span<char> out) const;

 private:
  const std::filesystem::path path_;
  int file_;
  std::uint64_t size_ = 0;
};

}  // namespace mosaic
