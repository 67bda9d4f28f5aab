// A change of a file: asks the point, makes the change, records it. What the interposed functions
// share.
#pragma once

#include <sys/stat.h>
#include <sys/uio.h>

#include <cerrno>
#include <string>

#include "faults.hpp"
#include "files.hpp"
#include "trace.hpp"

namespace shim {

/// `call()` with the point `kind` before and after it; `record(order)` when it went well. Both run
/// in the order of all changes. Answers as the call does, -1 with errno for a planned error.
template <class Call, class Record>
auto change(const char* kind, const std::string& file_class, bool grows, Call&& call,
            Record&& record) -> decltype(call()) {
  const auto verdict = pass(kind, file_class, grows);
  if (verdict.what == Verdict::What::kFail) {
    errno = verdict.error;
    return -1;
  }
  decltype(call()) answer = -1;
  {
    Ordered order;
    answer = call();
    if (answer >= 0) record(order);
  }
  const int error = errno;
  if (verdict.what == Verdict::What::kKillAfter || verdict.what == Verdict::What::kKillInside)
    die();
  errno = error;
  return answer;
}

/// Writes `size` bytes at `at`, by `write(bytes)` which may be told to write fewer of them.
/// O_APPEND and the present position are the caller's.
template <class Write>
ssize_t write_at(const File& file, off_t at, off_t file_size, std::size_t size, const char* bytes,
                 Write&& write) {
  const bool grows = at + static_cast<off_t>(size) > file_size;
  const auto verdict = pass("write", file.file_class, grows);
  if (verdict.what == Verdict::What::kFail) {
    errno = verdict.error;
    return -1;
  }
  const bool torn = verdict.what == Verdict::What::kKillInside;
  ssize_t wrote = -1;
  {
    Ordered order;
    wrote = write(torn ? size / 2 : size);
    if (wrote >= 0) {
      const auto number = order.append({Op::kWrite,
                                        file.id,
                                        static_cast<std::uint64_t>(at),
                                        0,
                                        {},
                                        {},
                                        {bytes, static_cast<std::size_t>(wrote)}});
      if (file.durable_writes) order.append({Op::kSyncWrite, file.id, number});
    }
  }
  const int error = errno;
  if (torn || verdict.what == Verdict::What::kKillAfter) die();
  errno = error;
  return wrote;
}

inline off_t size_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? status.st_size : 0;
}

}  // namespace shim
