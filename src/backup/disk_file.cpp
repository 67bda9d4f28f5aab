#include "backup/disk_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

ErrorCode code_of(int error) {
  if (error == ENOENT) return ErrorCode::kNotFound;
  if (error == EEXIST) return ErrorCode::kAlreadyExists;
  return ErrorCode::kUnavailable;
}

[[noreturn]] void fail_with(ErrorCode code, std::string_view what,
                            const std::filesystem::path& path, int error) {
  throw Failure(code, fmt::format("cannot {} '{}': {}", what, path.string(),
                                  std::system_category().message(error)));
}

}  // namespace

DiskFile::DiskFile(std::filesystem::path path, int flags)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), flags | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) fail_with(code_of(errno), "open", path_, errno);
}

DiskFile::~DiskFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

DiskFile::DiskFile(DiskFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

DiskFile& DiskFile::operator=(DiskFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void DiskFile::fail(std::string_view what) const {
  fail_with(ErrorCode::kUnavailable, what, path_, errno);
}

std::uint64_t DiskFile::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail("look at");
  if (S_ISREG(status.st_mode)) return static_cast<std::uint64_t>(status.st_size);
  throw Failure(ErrorCode::kInvalidArgument, fmt::format("'{}' is no file", path_.string()));
}

void DiskFile::resize(std::uint64_t bytes) const {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) fail("resize");
}

std::size_t DiskFile::read_at(std::uint64_t offset, char* out, std::size_t bytes) const {
  std::size_t done = 0;
  while (done < bytes) {
    const auto got =
        ::pread(descriptor_, out + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno != EINTR) fail("read");
    if (got == 0) break;
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return done;
}

void DiskFile::write_at(std::uint64_t offset, std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto done = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno != EINTR) fail("write");
    if (done <= 0) continue;
    offset += static_cast<std::uint64_t>(done);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

void DiskFile::sync() const {
  if (::fsync(descriptor_) != 0) fail("sync");
}

void DiskFile::forget_cached() const {
  // Only advice: a file system that keeps its pages is read from memory.
  static_cast<void>(::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED));
}

}  // namespace mosaic::backup
