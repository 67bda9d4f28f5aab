// A file mapped for reading. A page that the disk cannot give, because the file was cut short or a
// sector is bad, does not end the process: from the first such page on, all of the file reads as
// zeros and intact() is false. Owned like a unique_ptr; its bytes for any thread while it lives.
//
// How: the kernel reports such a page by SIGBUS. A handler, installed with the first file, looks
// the address up in a table of all mapped files and puts zeros in the place of the one it is in;
// the access is repeated and succeeds. Signals for other addresses go on to the handler of before.
// libwayland guards the buffers that clients share with a server in the same way (wl_shm_buffer_
// begin_access in wayland-shm.c). The handler takes no lock and allocates nothing; mmap(2) is not
// on POSIX's list of what a handler may call, but on Linux it is a system call and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "mosaic/result.hpp"

namespace mosaic {

/// A process maps at most so many files at a time.
constexpr std::size_t kMappedFilesMax = 4'096;
/// A file that is mapped has at most so many bytes: nearly 1 TiB.
constexpr std::uint64_t kMappedBytesMax = ((std::uint64_t{1} << 28) - 1) * 4'096;

class MappedFile {
 public:
  /// not_found when there is no file; corrupt_data when it is no file, empty or larger than
  /// `bytes_max`; unavailable when it cannot be opened or mapped.
  static Result<std::unique_ptr<const MappedFile>> open(const std::filesystem::path& path,
                                                        std::uint64_t bytes_max = kMappedBytesMax);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  /// As long as the file was when it was opened.
  std::span<const std::byte> bytes() const { return bytes_; }
  /// False once a page was missing: what was read since then, and maybe a little before, are zeros.
  bool intact() const;

  /// Reading [begin, end) will jump: the system need not read ahead.
  void expect_jumps(std::size_t begin, std::size_t end) const;
  /// [begin, end) will not be read again soon: it need not stay in this process's memory.
  void release(std::size_t begin, std::size_t end) const;

 private:
  MappedFile(std::span<const std::byte> bytes, std::size_t slot) : bytes_(bytes), slot_(slot) {}

  const std::span<const std::byte> bytes_;
  const std::size_t slot_;
};

}  // namespace mosaic
