#include "base/durable_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace mosaic {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0777;  // less the umask, as std::filesystem makes them

fs::path without_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

int sync_folder(const fs::path& folder) {
  const char* const name = folder.empty() ? "." : folder.c_str();
  const int opened = ::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return errno;
  const int error = ::fsync(opened) == 0 ? 0 : errno;
  ::close(opened);
  return error;
}

int make_durable_folder(const fs::path& folder) {
  const auto path = without_slash(folder);
  const auto parent = path.parent_path();
  if (!fs::is_directory(path)) {
    if (!parent.empty() && !fs::exists(parent)) {
      if (const int error = make_durable_folder(parent)) return error;
    }
    if (::mkdir(path.c_str(), kMode) != 0) return errno;
  }
  // One that is there may have been made by a process that was killed before it synced.
  return sync_folder(parent);
}

}  // namespace mosaic
