#include "base/durable_names.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "base/failure.hpp"

namespace mosaic {
namespace {

namespace fs = std::filesystem;

Failure failed(const fs::path& path, std::string_view what, int error) {
  return Failure(
      ErrorCode::kUnavailable,
      fmt::format("'{}' cannot be {}: {}", path.filename().string(), what, std::strerror(error)));
}

}  // namespace

void sync_file(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw failed(path, "opened", errno);
  const int error = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (error != 0) throw failed(path, "synced", error);
}

void rename_durably(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) throw failed(from, "renamed", error.value());
  sync_folder(to.parent_path());
  if (from.parent_path() != to.parent_path()) sync_folder(from.parent_path());
}

}  // namespace mosaic
