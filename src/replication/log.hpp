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

/// Names one append of this process, so that its caller is found again when it commits. Never 0,
/// and not that of an append of an earlier process on the same node.
using Ticket = std::uint64_t;

/// Of a node in the log; 0 is none. A node that has lost its files comes back under another.
using NodeId = std::uint64_t;

/// A committed entry. The bytes are shared: every shard of the collection reads the same ones.
struct Entry {
  Seq seq = 0;
  CollectionId collection;  ///< whose shards it goes to; 0 for an entry that makes a collection
  EntryKind kind = EntryKind::kWrite;
  std::shared_ptr<const std::string> bytes;
  Ticket ticket = 0;         ///< 0 unless this process had it appended, here or by the leader
  std::int64_t time_ms = 0;  ///< since 1970; never falls from one entry to the next
  RequestId request = {};    ///< that it was written for
  /// The next entry of the collection was written with it: all nodes show the state behind that
  /// one, and none the one behind this.
  bool goes_on = false;
};

/// Called on the log's own thread, entries in order of seq. It only enqueues: the next commit waits
/// for it.
struct LogListener {
  std::function<void(const Entry&)> committed;
  /// Of an append with this node's own ticket. `unknown`: whether it is stored is not known, and
  /// the entry may yet come, with its ticket; else nothing was stored, and nothing will come.
  std::function<void(Ticket, const Error&, bool unknown)> refused;
};

struct Proposal {
  CollectionId collection;
  EntryKind kind = EntryKind::kWrite;
  std::string bytes;
  Ticket ticket = 0;
  RequestId request = {};
  Seq carried = 0;       ///< its seq in the log that it comes from; 0: it is new
  NodeId origin = 0;     ///< whose ticket it is; 0: this node's
  bool goes_on = false;  ///< Entry::goes_on
};

/// A node as the log's own configuration has it.
struct LogMember {
  NodeId id = 0;
  std::string address;  ///< HOST:PORT, when it was added
  bool votes = false;
};

/// Where a node of the log stands.
struct LogStanding {
  NodeId self = 0;
  std::int64_t base = 0;  ///< the seq of an entry is its index in the engine plus this
  NodeId leader = 0;      ///< 0: none is known
  std::uint64_t term = 0;
  Seq last = 0;  ///< committed, and told to the listener, as far as this
  /// Of a node that leads: entries up to here were in its log before, committed or not. Who decides
  /// what may follow them has to have heard of them.
  Seq inherited = 0;
  std::vector<LogMember> members;
  bool leads() const { return self != 0 && leader == self; }
};

/// Answers once, on the log's own thread.
using LogDone = std::function<void(Status)>;

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
  /// Queues an entry and returns at once; the listener hears of it once, and once more only if it
  /// was told that the outcome is unknown. From any thread. An entry of another node that cannot
  /// be appended is dropped in silence: that node learns from a change of the leader.
  virtual void append(Proposal proposal) = 0;
  /// Finishes what is queued and ends the log's thread.
  virtual void stop() = 0;

  /// From any thread, without waiting.
  virtual LogStanding standing() const = 0;
  /// Changes of who takes part, each by itself an entry of the engine. Error unavailable: this node
  /// does not lead, or another change is under way; what was asked may happen all the same when
  /// the error is that the leadership was lost. One that is so already is no error.
  virtual void add(const LogMember& member, LogDone done) = 0;
  virtual void set_vote(NodeId id, bool votes, LogDone done) = 0;
  virtual void remove(NodeId id, LogDone done) = 0;
  /// A read barrier: answers with a seq that no write acknowledged before this call lies beyond,
  /// confirmed by most of the voters. Calls that come while one is under way share the next. Error
  /// unavailable: this node does not lead, or nobody knows whether it does.
  virtual void barrier(std::function<void(Result<Seq>)> done) = 0;

  virtual Seq last_seq() const = 0;
  /// Entries up to here are not kept any more: who has not applied them must get what they have led
  /// to from elsewhere.
  virtual Seq forgotten() const = 0;
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
