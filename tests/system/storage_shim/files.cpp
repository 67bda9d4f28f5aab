#include "files.hpp"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>

namespace shim {
namespace {

constexpr std::size_t kDescriptorsMax = 1 << 16;

/// Entries are never freed: a thread may look at one while another closes its descriptor.
std::array<std::atomic<const File*>, kDescriptorsMax> open_files{};

const std::string& root() {
  static const std::string* const value = [] {
    const char* path = std::getenv("SHIM_ROOT");
    return new std::string(path != nullptr ? path : "");
  }();
  return *value;
}

std::string path_of(int descriptor) {
  std::array<char, PATH_MAX> target;
  const auto link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto size = ::readlink(link.c_str(), target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string absolute(int folder, const char* path) {
  if (*path == '/') return path;
  if (folder != AT_FDCWD) return path_of(folder) + "/" + path;
  std::array<char, PATH_MAX> here;
  return ::getcwd(here.data(), here.size()) != nullptr ? std::string(here.data()) + "/" + path : "";
}

}  // namespace

std::string watched_path(int folder, const char* path) {
  if (root().empty() || path == nullptr) return {};
  auto whole = std::filesystem::path(absolute(folder, path)).lexically_normal().string();
  while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  if (!whole.starts_with(root())) return {};
  return whole.size() == root().size() || whole[root().size()] == '/' ? whole : std::string();
}

void remember(int descriptor, File file) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return;
  file.device = status.st_dev;
  file.inode = status.st_ino;
  if (static_cast<std::size_t>(descriptor) >= kDescriptorsMax) std::abort();
  open_files[static_cast<std::size_t>(descriptor)] = new File(std::move(file));
}

void forget(int descriptor) {
  if (descriptor >= 0 && static_cast<std::size_t>(descriptor) < kDescriptorsMax)
    open_files[static_cast<std::size_t>(descriptor)] = nullptr;
}

const File* file_of(int descriptor) {
  if (descriptor < 0 || static_cast<std::size_t>(descriptor) >= kDescriptorsMax) return nullptr;
  const File* const file = open_files[static_cast<std::size_t>(descriptor)];
  if (file == nullptr) return nullptr;
  // libc closes some descriptors by itself: the number may be another file, or a socket, by now.
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return nullptr;
  return status.st_dev == file->device && status.st_ino == file->inode ? file : nullptr;
}

}  // namespace shim
