#include "backup/file_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <system_error>

#include "backup/disk_file.hpp"
#include "base/durable_file.hpp"
#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporary = "tmp";
constexpr std::time_t kLeftOverAge_s = 24 * 3'600;

/// Two stores of one process may write at the same time.
std::uint64_t next_number() {
  static std::atomic<std::uint64_t> number{0};
  return ++number;
}

[[noreturn]] void fail(std::string_view what, const fs::path& path, const std::error_code& error) {
  throw Failure(ErrorCode::kUnavailable,
                fmt::format("cannot {} '{}': {}", what, path.string(), error.message()));
}

/// False when there is nothing.
bool look_at(const fs::path& path, struct stat& status) {
  if (::stat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  fail("look at", path, {errno, std::system_category()});
}

std::string read_file(const DiskFile& file, std::uint64_t bytes) {
  std::string out(bytes, '\0');
  out.resize(file.read_at(0, out.data(), out.size()));
  return out;
}

/// The folder that holds everything whose key begins so.
fs::path folder_of(const fs::path& root, const std::string& prefix) {
  const auto slash = prefix.rfind('/');
  return slash == std::string::npos ? root : root / prefix.substr(0, slash);
}

}  // namespace

fs::path FileStore::path_of(const std::string& key) const {
  const auto valid = validate_key(key);
  if (!valid) throw Failure(valid.error());
  if (key == kTemporary || key.starts_with("tmp/")) {
    throw Failure(invalid(fmt::format("object key '{}' is in the folder of temporary files", key)));
  }
  return root_ / key;
}

std::string FileStore::address(const std::string& key) const {
  return "file://" + (key.empty() ? root_ : root_ / key).string();
}

Status FileStore::put(const std::string& key, std::string_view bytes) {
  return to_result([&] {
    const auto path = path_of(key);
    make_durable_folder(path.parent_path(), kPrivateFolder);
    const auto temporary = write_temporary(bytes);
    std::error_code error;
    fs::rename(temporary, path, error);
    if (error) {
      ::unlink(temporary.c_str());
      fail("write", path, error);
    }
    sync_folder(path.parent_path());
  });
}

fs::path FileStore::write_temporary(std::string_view bytes) const {
  const auto folder = root_ / kTemporary;
  make_durable_folder(folder, kPrivateFolder);
  auto path = folder / fmt::format("{}-{}", ::getpid(), next_number());
  const DiskFile file(path, O_RDWR | O_CREAT | O_TRUNC);
  try {
    file.write_at(0, bytes);
    file.sync();
    file.forget_cached();
    if (read_file(file, file.size()) != bytes) {
      throw Failure(ErrorCode::kUnavailable,
                    fmt::format("'{}' reads back other bytes than were written", path.string()));
    }
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
  return path;
}

Result<std::string> FileStore::get(const std::string& key, std::size_t bytes_max) {
  return to_result([&] {
    const DiskFile file(path_of(key), O_RDONLY);
    const auto bytes = file.size();
    if (bytes > bytes_max) {
      throw Failure(ErrorCode::kCorruptData,
                    fmt::format("{} has more than {} bytes", address(key), bytes_max));
    }
    return read_file(file, bytes);
  });
}

Result<bool> FileStore::exists(const std::string& key) {
  return to_result([&] {
    struct stat status {};
    return look_at(path_of(key), status) && S_ISREG(status.st_mode);
  });
}

Result<std::vector<ObjectInfo>> FileStore::list(const std::string& prefix) {
  return to_result([&] {
    remove_left_over();
    std::vector<ObjectInfo> objects;
    const auto folder = folder_of(root_, prefix);
    struct stat status {};
    if (!look_at(folder, status)) return objects;
    std::error_code error;
    auto at = fs::recursive_directory_iterator(folder, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      auto key = at->path().lexically_relative(root_).generic_string();
      if (key == kTemporary) at.disable_recursion_pending();
      if (!key.starts_with(prefix) || !look_at(at->path(), status) || !S_ISREG(status.st_mode))
        continue;
      objects.push_back(
          {std::move(key), static_cast<std::uint64_t>(status.st_size),
           status.st_mtim.tv_sec * std::int64_t{1'000} + status.st_mtim.tv_nsec / 1'000'000});
    }
    if (error) fail("list", folder, error);
    std::sort(objects.begin(), objects.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    return objects;
  });
}

void FileStore::remove_left_over() const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ / kTemporary, error)) {
    struct stat status {};
    if (::stat(entry.path().c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_mtim.tv_sec < std::time(nullptr) - kLeftOverAge_s) {
      ::unlink(entry.path().c_str());
    }
  }
}

Status FileStore::remove(const std::string& key) {
  return to_result([&] {
    const auto path = path_of(key);
    if (::unlink(path.c_str()) == 0) return sync_folder(path.parent_path());
    if (errno != ENOENT && errno != ENOTDIR) fail("remove", path, {errno, std::system_category()});
  });
}

}  // namespace mosaic::backup
