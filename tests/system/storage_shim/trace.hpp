// What the shim writes down of a process under test: every change below SHIM_ROOT in the order in
// which it happened, and which changes a sync has made durable. power_loss.py reads it. Records are
// appended to SHIM_JOURNAL by one write each, so that a SIGKILL leaves at most one torn record at
// the end. Without SHIM_JOURNAL nothing is written. Safe from any thread: one lock orders all
// changes, as a file system would; syncs run outside of it and cover what was recorded before they
// began.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shim {

/// The letters that power_loss.py knows.
enum class Op : std::uint8_t {
  kOpen = 1,      // id, path, offset: 1 if it was made, length: 1 if it was cut to nothing
  kWrite,         // id, offset, data
  kTruncate,      // id, offset: the new size
  kAllocate,      // id, offset, length: the file is at least that long
  kRename,        // path, other
  kUnlink,        // path
  kMakeFolder,    // path
  kRemoveFolder,  // path
  kLink,          // path, other
  kSync,          // id, offset: all records of the file before that one are durable
  kSyncFolder,    // path, offset: likewise its entries
  kSyncWrite,     // id, offset: the one record that is durable
  kCancel,        // id, offset: the one record that was not made after all
};

struct Record {
  Op op;
  std::uint64_t id = 0;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string_view path = {};
  std::string_view other = {};
  std::string_view data = {};
};

/// Held while a change is made and recorded.
class Ordered {
 public:
  Ordered();
  ~Ordered();
  Ordered(const Ordered&) = delete;
  Ordered& operator=(const Ordered&) = delete;

  /// The number of the record. Dropped, but counted, when it is a sync and SHIM_IGNORE_SYNC is set.
  std::uint64_t append(const Record& record);
  /// The number that the next record will have.
  std::uint64_t next() const;

  /// The identity of the file at `path`; a new one when none was given yet or `fresh`.
  std::uint64_t id_of(const std::string& path, bool fresh);
  void renamed(const std::string& from, const std::string& to);
  void removed(const std::string& path);
};

}  // namespace shim
