#include "base/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "base/descriptor.hpp"
#include "base/failure.hpp"

namespace mosaic {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;
constexpr mode_t kFolderMode = 0777;  // less the umask, as std::filesystem makes them

[[noreturn]] void fail(const fs::path& path, std::string_view doing, int error) {
  throw Failure(ErrorCode::kUnavailable,
                fmt::format("'{}' cannot be {}: {}", path.filename().string(), doing,
                            std::system_category().message(error)));
}

void write_all(const fs::path& path, int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(path, "written", written < 0 ? errno : EIO);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Errors speak of `path`, which it will become.
void write_synced(const fs::path& path, const std::string& unfinished, std::string_view bytes,
                  int flags, mode_t mode) {
  const Descriptor to(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode));
  if (to.file() < 0) fail(path, "written", errno);
  write_all(path, to.file(), bytes);
  if (::fsync(to.file()) != 0) fail(path, "synced", errno);
}

}  // namespace

void write_durably(const fs::path& path, std::string_view bytes) {
  const auto unfinished = path.string() + ".tmp";
  write_synced(path, unfinished, bytes, O_TRUNC, kMode);
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) fail(path, "replaced", errno);
  sync_folder(path.parent_path());
}

void write_new_durably(const fs::path& path, std::string_view bytes, unsigned mode) {
  const auto unfinished = path.string() + ".tmp";
  // One that was left behind may be readable by others.
  ::unlink(unfinished.c_str());
  write_synced(path, unfinished, bytes, O_EXCL, mode);
  // A link, unlike a rename, never replaces.
  const int error = ::link(unfinished.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(unfinished.c_str());
  if (error == EEXIST) {
    throw Failure(ErrorCode::kAlreadyExists, fmt::format("'{}' is there already", path.string()));
  }
  if (error != 0) fail(path, "made", error);
  sync_folder(path.parent_path());
}

void sync_folder(const fs::path& folder) {
  const char* const name = folder.empty() ? "." : folder.c_str();
  const Descriptor opened(::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.file() < 0 || ::fsync(opened.file()) != 0) fail(folder, "synced", errno);
}

void make_durable_folder(const fs::path& folder, unsigned mode) {
  const auto path = folder.has_filename() ? folder : folder.parent_path();
  const auto parent = path.parent_path();
  if (!fs::is_directory(path)) {
    if (!parent.empty() && !fs::exists(parent)) make_durable_folder(parent, mode);
    // Others may make it at the same time.
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) fail(path, "made", errno);
  }
  // One that is there may have been made by a process that was killed before it synced.
  sync_folder(parent.empty() ? fs::path(".") : parent);
}

std::optional<std::string> read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    std::error_code unknown;
    if (!fs::exists(path, unknown) && !unknown) return std::nullopt;
    fail(path, "read", errno);
  }
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) fail(path, "read", errno);
  return bytes;
}

}  // namespace mosaic
