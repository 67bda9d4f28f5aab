// The calls of libc that the shim stands in front of, as libc has them.
#pragma once

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstdio>

namespace shim::real {

/// The next definition of `name` behind the shim's own.
template <class Function>
Function* find(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// Calls libc's `name`; found once per call site.
#define SHIM_REAL(result, name, parameters, arguments)            \
  inline result name parameters {                                 \
    static auto* const function = find<result parameters>(#name); \
    return function arguments;                                    \
  }

using OpenFunction = int(const char*, int, ...);
using OpenAtFunction = int(int, const char*, int, ...);

inline int open(const char* path, int flags, mode_t mode) {
  static auto* const function = find<OpenFunction>("open");
  return function(path, flags, mode);
}
inline int openat(int folder, const char* path, int flags, mode_t mode) {
  static auto* const function = find<OpenAtFunction>("openat");
  return function(folder, path, flags, mode);
}

SHIM_REAL(FILE*, fopen, (const char* path, const char* mode), (path, mode))
SHIM_REAL(int, close, (int file), (file))
SHIM_REAL(ssize_t, write, (int file, const void* bytes, size_t size), (file, bytes, size))
SHIM_REAL(ssize_t, pwrite, (int file, const void* bytes, size_t size, off_t at),
          (file, bytes, size, at))
SHIM_REAL(ssize_t, writev, (int file, const iovec* parts, int count), (file, parts, count))
SHIM_REAL(ssize_t, pwritev, (int file, const iovec* parts, int count, off_t at),
          (file, parts, count, at))
SHIM_REAL(int, ftruncate, (int file, off_t size), (file, size))
SHIM_REAL(int, truncate, (const char* path, off_t size), (path, size))
SHIM_REAL(int, fallocate, (int file, int mode, off_t at, off_t size), (file, mode, at, size))
SHIM_REAL(int, posix_fallocate, (int file, off_t at, off_t size), (file, at, size))
SHIM_REAL(int, renameat, (int a, const char* from, int b, const char* to), (a, from, b, to))
SHIM_REAL(int, unlinkat, (int folder, const char* path, int flags), (folder, path, flags))
SHIM_REAL(int, mkdirat, (int folder, const char* path, mode_t mode), (folder, path, mode))
SHIM_REAL(int, linkat, (int a, const char* from, int b, const char* to, int flags),
          (a, from, b, to, flags))
SHIM_REAL(int, fsync, (int file), (file))
SHIM_REAL(int, fdatasync, (int file), (file))

/// Any system call, past the shim's own `syscall`.
template <class... Arguments>
long syscall(long number, Arguments... arguments) {
  static auto* const function = find<long(long, ...)>("syscall");
  return function(number, arguments...);
}

#undef SHIM_REAL

}  // namespace shim::real
