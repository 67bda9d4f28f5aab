// The port of the log: append, learn what is committed in order, read again, forget. Whatever
// stands behind it, an entry that was reported as committed is on disk (with several nodes, on most
// of theirs) and keeps its seq.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/entry.hpp"

namespace mosaic::replication {

/// Names one append of this process, so that its caller is found again when it commits. Never 0.
using Ticket = std::uint64_t;

/// A committed entry. The bytes are shared: every shard of the collection reads the same ones.
struct Entry {
  Seq seq = 0;
  CollectionId collection;  ///< whose shards it goes to; 0 for an entry that makes a collection
  EntryKind kind = EntryKind::kWrite;
  std::shared_ptr<const std::string> bytes;
  Ticket ticket = 0;         ///< 0 unless this process appended it just now
  std::int64_t time_ms = 0;  ///< since 1970; never falls from one entry to the next
  RequestId request = {};    ///< that it was written for
};

/// Called on the log's own thread, entries in order of seq. It only enqueues: the next commit waits
/// for it.
struct LogListener {
  std::function<void(const Entry&)> committed;
  /// The append stored nothing, or the error says that nobody knows.
  std::function<void(Ticket, const Error&)> refused;
};

struct Proposal {
  CollectionId collection;
  EntryKind kind = EntryKind::kWrite;
  std::string bytes;
  Ticket ticket = 0;
  RequestId request = {};
  Seq carried = 0;  ///< its seq in the log that it comes from; 0: it is new
};

struct LogSize {
  std::uint64_t entries = 0;  ///< kept
  std::uint64_t bytes = 0;    ///< on disk
};

class Log {
 public:
  virtual ~Log() = default;

  /// Reports commits from here on; call it before the first append. A later listener takes the
  /// place of the one before, and hears nothing of what that one was told: all that was appended
  /// until now is committed first, or refused.
  virtual void listen(LogListener listener) = 0;
  /// Queues an entry and returns at once; the listener hears of it exactly once. From any thread.
  virtual void append(Proposal proposal) = 0;
  /// Finishes what is queued and ends the log's thread.
  virtual void stop() = 0;

  virtual Seq last_seq() const = 0;
  virtual LogSize size() const = 0;
  /// Bytes of memory that the entries take which are kept, about.
  virtual std::uint64_t kept_bytes() const = 0;
  /// Entries of a collection after `after`, about `bytes_max` of them and at least one if there is
  /// any.
  virtual Result<std::vector<Entry>> read(Seq after, CollectionId collection,
                                          std::size_t bytes_max) = 0;
  virtual Result<std::vector<Entry>> read_catalog(Seq after) = 0;
  /// The newest entry kept of a collection, or 0.
  virtual Seq last_seq_of(CollectionId collection) = 0;
  /// Entries up to `floor` are needed no more; they may go at any time after.
  virtual void truncate(Seq floor) = 0;
};

}  // namespace mosaic::replication
