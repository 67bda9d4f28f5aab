#include "base/file_bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/failure.hpp"

namespace mosaic {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw Failure(
      ErrorCode::kUnavailable,
      fmt::format("'{}' cannot be read: {}", path.filename().string(), std::strerror(errno)));
}

}  // namespace

FileBytes::FileBytes(const std::filesystem::path& path)
    : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  struct stat status {};
  if (file_ < 0) fail(path_);
  if (::fstat(file_, &status) == 0) size_ = static_cast<std::uint64_t>(status.st_size);
  ::posix_fadvise(file_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

FileBytes::~FileBytes() {
  ::close(file_);
}

std::size_t FileBytes::read(std::uint64_t offset, std::span<char> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got =
        ::pread(file_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path_);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace mosaic
