// libc's calls that change files, as the dynamic linker finds them first. Those on other files than
// the watched ones go straight on.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <vector>

#include "changes.hpp"
#include "real.hpp"

namespace {

using namespace shim;

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

/// Opens a watched file by `call` and remembers what it is.
template <class Call>
int open_watched(const std::string& path, int flags, Call&& call) {
  const auto file_class = class_of(path, (flags & O_DIRECTORY) != 0);
  const bool makes = (flags & O_CREAT) != 0;
  const auto verdict = makes ? pass("open", file_class, !exists(path)) : Verdict{};
  if (verdict.what == Verdict::What::kFail) {
    errno = verdict.error;
    return -1;
  }
  int descriptor = -1;
  {
    Ordered order;
    const bool made = makes && !exists(path);
    descriptor = call();
    if (descriptor < 0) return descriptor;
    struct stat status {};
    ::fstat(descriptor, &status);
    File file{0,
              path,
              file_class,
              S_ISDIR(status.st_mode),
              (flags & O_APPEND) != 0,
              (flags & O_DSYNC) != 0};
    if (!file.folder) {
      file.id = order.id_of(path, made);
      const std::uint64_t cut = (flags & O_TRUNC) != 0 ? 1 : 0;
      order.append({Op::kOpen, file.id, made ? 1u : 0u, cut, path});
    }
    file.file_class = class_of(path, file.folder);
    remember(descriptor, file);
  }
  if (verdict.what == Verdict::What::kKillAfter || verdict.what == Verdict::What::kKillInside)
    die();
  return descriptor;
}

int open_any(int folder, const char* path, int flags, mode_t mode) {
  const auto watched = watched_path(folder, path);
  const auto call = [&] {
    return folder == AT_FDCWD ? real::open(path, flags, mode)
                              : real::openat(folder, path, flags, mode);
  };
  return watched.empty() ? call() : open_watched(watched, flags, call);
}

FILE* open_stream(const char* path, const char* mode) {
  const auto watched = watched_path(AT_FDCWD, path);
  if (watched.empty() || *mode == 'r') return real::fopen(path, mode);
  FILE* stream = nullptr;
  const int flags = O_CREAT | (*mode == 'w' ? O_TRUNC : O_APPEND);
  open_watched(watched, flags, [&] {
    stream = real::fopen(path, mode);
    return stream != nullptr ? ::fileno(stream) : -1;
  });
  return stream;
}

ssize_t write_here(int descriptor, const void* bytes, std::size_t size) {
  const auto* file = file_of(descriptor);
  if (file == nullptr || file->folder) return real::write(descriptor, bytes, size);
  const auto end = size_of(descriptor);
  const auto at = file->append ? end : ::lseek(descriptor, 0, SEEK_CUR);
  return write_at(*file, at, end, size, static_cast<const char*>(bytes),
                  [&](std::size_t some) { return real::write(descriptor, bytes, some); });
}

ssize_t write_there(int descriptor, const void* bytes, std::size_t size, off_t at) {
  const auto* file = file_of(descriptor);
  if (file == nullptr) return real::pwrite(descriptor, bytes, size, at);
  return write_at(*file, at, size_of(descriptor), size, static_cast<const char*>(bytes),
                  [&](std::size_t some) { return real::pwrite(descriptor, bytes, some, at); });
}

std::vector<char> joined(const iovec* parts, int count) {
  std::vector<char> bytes;
  for (int i = 0; i < count; ++i) {
    const auto* begin = static_cast<const char*>(parts[i].iov_base);
    bytes.insert(bytes.end(), begin, begin + parts[i].iov_len);
  }
  return bytes;
}

ssize_t write_parts_here(int descriptor, const iovec* parts, int count) {
  if (file_of(descriptor) == nullptr) return real::writev(descriptor, parts, count);
  const auto bytes = joined(parts, count);
  return write_here(descriptor, bytes.data(), bytes.size());
}

ssize_t write_parts_there(int descriptor, const iovec* parts, int count, off_t at) {
  if (file_of(descriptor) == nullptr) return real::pwritev(descriptor, parts, count, at);
  const auto bytes = joined(parts, count);
  return write_there(descriptor, bytes.data(), bytes.size(), at);
}

int cut(int descriptor, off_t size) {
  const auto* file = file_of(descriptor);
  if (file == nullptr) return real::ftruncate(descriptor, size);
  return change(
      "truncate", file->file_class, false, [&] { return real::ftruncate(descriptor, size); },
      [&](Ordered& order) {
        order.append({Op::kTruncate, file->id, static_cast<std::uint64_t>(size)});
      });
}

template <class Call>
int reserve(const File& file, int descriptor, off_t at, off_t size, Call&& call) {
  return change("allocate", file.file_class, at + size > size_of(descriptor), call,
                [&](Ordered& order) {
                  order.append({Op::kAllocate, file.id, static_cast<std::uint64_t>(at),
                                static_cast<std::uint64_t>(size)});
                });
}

int reserve_linux(int descriptor, int mode, off_t at, off_t size) {
  const auto* file = file_of(descriptor);
  const auto call = [&] { return real::fallocate(descriptor, mode, at, size); };
  return file == nullptr ? call() : reserve(*file, descriptor, at, size, call);
}

/// POSIX's answers with the error instead of setting errno.
int reserve_posix(int descriptor, off_t at, off_t size) {
  const auto* file = file_of(descriptor);
  if (file == nullptr) return real::posix_fallocate(descriptor, at, size);
  int refused = 0;
  const int answer = reserve(*file, descriptor, at, size, [&] {
    refused = real::posix_fallocate(descriptor, at, size);
    errno = refused;
    return refused == 0 ? 0 : -1;
  });
  return answer == 0 ? 0 : errno;
}

int move(int from_folder, const char* from, int to_folder, const char* to) {
  const auto source = watched_path(from_folder, from);
  const auto target = watched_path(to_folder, to);
  const auto call = [&] { return real::renameat(from_folder, from, to_folder, to); };
  if (source.empty() || target.empty()) return call();
  return change("rename", class_of(target, false), true, call, [&](Ordered& order) {
    order.append({Op::kRename, 0, 0, 0, source, target});
    order.renamed(source, target);
  });
}

int remove_entry(int folder, const char* path, int flags) {
  const auto watched = watched_path(folder, path);
  const auto call = [&] { return real::unlinkat(folder, path, flags); };
  if (watched.empty()) return call();
  const bool is_folder = (flags & AT_REMOVEDIR) != 0;
  return change("unlink", class_of(watched, is_folder), false, call, [&](Ordered& order) {
    order.append({is_folder ? Op::kRemoveFolder : Op::kUnlink, 0, 0, 0, watched});
    order.removed(watched);
  });
}

int make_folder(int folder, const char* path, mode_t mode) {
  const auto watched = watched_path(folder, path);
  const auto call = [&] { return real::mkdirat(folder, path, mode); };
  if (watched.empty()) return call();
  return change("mkdir", "folder", true, call, [&](Ordered& order) {
    order.append({Op::kMakeFolder, 0, 0, 0, watched});
  });
}

int add_name(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  const auto source = watched_path(from_folder, from);
  const auto target = watched_path(to_folder, to);
  const auto call = [&] { return real::linkat(from_folder, from, to_folder, to, flags); };
  if (source.empty() || target.empty()) return call();
  return change("link", class_of(target, false), true, call, [&](Ordered& order) {
    order.append({Op::kLink, 0, 0, 0, source, target});
    order.id_of(target, true);
  });
}

/// A sync covers what was recorded before it began; others go on meanwhile.
template <class Call>
int sync_file(int descriptor, Call&& call) {
  const auto* file = file_of(descriptor);
  if (file == nullptr) return call();
  const auto verdict = pass("sync", file->file_class, false);
  if (verdict.what == Verdict::What::kFail) {
    errno = verdict.error;
    return -1;
  }
  std::uint64_t begin = 0;
  {
    const Ordered order;
    begin = order.next();
  }
  if (verdict.what == Verdict::What::kKillInside) die();
  const int answer = call();
  if (answer == 0) {
    Ordered order;
    if (file->folder) {
      order.append({Op::kSyncFolder, 0, begin, 0, file->path});
    } else {
      order.append({Op::kSync, file->id, begin});
    }
  }
  if (verdict.what == Verdict::What::kKillAfter) die();
  return answer;
}

}  // namespace

extern "C" {

#define SHIM_OPEN_MODE(flags)                           \
  mode_t mode = 0;                                      \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {         \
    va_list rest;                                       \
    va_start(rest, flags);                              \
    mode = static_cast<mode_t>(va_arg(rest, unsigned)); \
    va_end(rest);                                       \
  }

int open(const char* path, int flags, ...) {
  SHIM_OPEN_MODE(flags)
  return open_any(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  SHIM_OPEN_MODE(flags)
  return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  SHIM_OPEN_MODE(flags)
  return open_any(folder, path, flags, mode);
}
int openat64(int folder, const char* path, int flags, ...) {
  SHIM_OPEN_MODE(flags)
  return open_any(folder, path, flags | O_LARGEFILE, mode);
}
int creat(const char* path, mode_t mode) {
  return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char* path, mode_t mode) {
  return creat(path, mode);
}
FILE* fopen(const char* path, const char* mode) {
  return open_stream(path, mode);
}
FILE* fopen64(const char* path, const char* mode) {
  return open_stream(path, mode);
}
int close(int descriptor) {
  forget(descriptor);
  return real::close(descriptor);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  return write_here(descriptor, bytes, size);
}
ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t at) {
  return write_there(descriptor, bytes, size, at);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off_t at) {
  return write_there(descriptor, bytes, size, at);
}
ssize_t writev(int descriptor, const iovec* parts, int count) {
  return write_parts_here(descriptor, parts, count);
}
ssize_t pwritev(int descriptor, const iovec* parts, int count, off_t at) {
  return write_parts_there(descriptor, parts, count, at);
}
ssize_t pwritev64(int descriptor, const iovec* parts, int count, off_t at) {
  return write_parts_there(descriptor, parts, count, at);
}

int ftruncate(int descriptor, off_t size) noexcept {
  return cut(descriptor, size);
}
int ftruncate64(int descriptor, off_t size) noexcept {
  return cut(descriptor, size);
}
int truncate(const char* path, off_t size) noexcept {
  if (watched_path(AT_FDCWD, path).empty()) return real::truncate(path, size);
  const int descriptor = open_any(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int answer = cut(descriptor, size);
  close(descriptor);
  return answer;
}
int truncate64(const char* path, off_t size) noexcept {
  return truncate(path, size);
}
int fallocate(int descriptor, int mode, off_t at, off_t size) {
  return reserve_linux(descriptor, mode, at, size);
}
int fallocate64(int descriptor, int mode, off_t at, off_t size) {
  return reserve_linux(descriptor, mode, at, size);
}
int posix_fallocate(int descriptor, off_t at, off_t size) {
  return reserve_posix(descriptor, at, size);
}
int posix_fallocate64(int descriptor, off_t at, off_t size) {
  return reserve_posix(descriptor, at, size);
}

int rename(const char* from, const char* to) noexcept {
  return move(AT_FDCWD, from, AT_FDCWD, to);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return move(from_folder, from, to_folder, to);
}
int unlink(const char* path) noexcept {
  return remove_entry(AT_FDCWD, path, 0);
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return remove_entry(folder, path, flags);
}
int rmdir(const char* path) noexcept {
  return remove_entry(AT_FDCWD, path, AT_REMOVEDIR);
}
int remove(const char* path) noexcept {
  struct stat status {};
  const bool folder = ::lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
  return remove_entry(AT_FDCWD, path, folder ? AT_REMOVEDIR : 0);
}
int mkdir(const char* path, mode_t mode) noexcept {
  return make_folder(AT_FDCWD, path, mode);
}
int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return make_folder(folder, path, mode);
}
int link(const char* from, const char* to) noexcept {
  return add_name(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  return add_name(from_folder, from, to_folder, to, flags);
}

int fsync(int descriptor) {
  return sync_file(descriptor, [&] { return real::fsync(descriptor); });
}
int fdatasync(int descriptor) {
  return sync_file(descriptor, [&] { return real::fdatasync(descriptor); });
}
// sync_file_range(2) makes no metadata durable and reaches no device cache: it is not taken for a
// sync.

}  // extern "C"
