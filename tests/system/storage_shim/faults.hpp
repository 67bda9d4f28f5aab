// Where a process under test is hurt. Every call that changes or syncs a file below SHIM_ROOT
// passes a point with a kind (open, write, truncate, allocate, rename, unlink, mkdir, link, sync)
// and a class (the file's name without its digits, `folder` for folders). SHIM_COUNTS names a file
// that counts how often each point was passed, also when the process is killed.
// SHIM_AT=kind:class:n:action acts on the n-th passage, `*` matches anything; actions: before,
// after (SIGKILL), torn (SIGKILL in the middle of a write), or the name of an error. While the file
// SHIM_CONTROL exists, its lines `error kind class` make calls fail: ENOSPC only those that would
// need more room, others all.
#pragma once

#include <cstddef>
#include <string>

namespace shim {

/// What is to be done at a point.
struct Verdict {
  enum class What { kGo, kKillAfter, kKillInside, kFail };
  What what = What::kGo;
  int error = 0;
};

/// `grows`: the call needs room on the disk.
Verdict pass(const char* kind, const std::string& file_class, bool grows);

std::string class_of(const std::string& path, bool folder);

[[noreturn]] void die();

}  // namespace shim
