// The log of a node: libraft on a thread of its own, with one voter or more. Appends are queued
// from any thread; whatever is queued while the disk syncs goes with the next sync (group commit).
// When the disk is full the log refuses writes and opens anew as soon as there is room; when it
// fails in another way, the process has to end, since nobody knows what is stored.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include "base/wall_clock.hpp"
#include "replication/log.hpp"
#include "replication/raft_files.hpp"
#include "replication/raft_node.hpp"

namespace mosaic::replication {

/// Bytes of entries that the log keeps before it forgets what every shard has on disk.
constexpr std::uint64_t kRetainedBytes = 64 << 20;

struct RaftLogOptions {
  std::filesystem::path folder;
  std::uint64_t retained_bytes = kRetainedBytes;
  /// The log must reach this far: a node that has applied more than its log holds has lost entries.
  Seq applied = 0;
  /// What it has forgotten must not go beyond this: the catalog has noted it before. None: it is
  /// not known.
  std::optional<Seq> floor = {};
  /// The disk has failed. Called on the log's thread; the log does not go on.
  std::function<void(const Error&)> fail_stop = {};
  std::function<std::int64_t()> now_ms = wall_clock_ms;
  bool carrying = false;  ///< entries are being carried over from another log
  std::uint64_t id = 0;   ///< of the node in a log that is just begun; 0: any
  std::string address = {};
  std::vector<RaftMember> others = {};
};

class RaftLog final : public Log, private RaftMachine {
 public:
  /// Opens the log, or begins one. Throws corrupt_data when its files are damaged, or end before
  /// `applied`; unavailable when they cannot be read or written.
  explicit RaftLog(RaftLogOptions options);
  ~RaftLog() override;

  void listen(LogListener listener) override;
  void append(Proposal proposal) override;
  void stop() override;
  Seq last_seq() const override { return retained_.last_seq(); }
  LogSize size() const override;
  std::uint64_t kept_bytes() const override { return retained_.bytes(); }
  Result<std::vector<Entry>> read(Seq after, CollectionId collection,
                                  std::size_t bytes_max) override {
    return retained_.read(after, collection, bytes_max);
  }
  Result<std::vector<Entry>> read_catalog(Seq after) override {
    return retained_.read_catalog(after);
  }
  Seq last_seq_of(CollectionId collection) override { return retained_.last_seq_of(collection); }
  void truncate(Seq floor) override;

  /// The last entry of the engine, its own included.
  Index last_index() const { return last_index_; }
  /// Whether this node may append.
  bool leads() const { return leads_; }

 private:
  void require_fit(const LogInspection& found) const;

  // On the log's thread, but for what says otherwise.
  void run(std::promise<void>& started);
  void open();
  void reopen();
  void attend();
  void propose(Proposal& proposal);
  void consider_snapshot(Seq floor);
  void close_node(std::function<void()> then);
  void end();
  void wake();  ///< from any thread
  bool stopping();

  void committed(Index index, std::string_view bytes, std::uint64_t ticket) override;
  void lost_sight_of(std::uint64_t ticket) override;
  Snapshot snapshot(Index applied) override;
  void restored(std::string_view manifest) override;
  void broke(const Error& error, bool disk_full) override;

  Seq seq_of(Index index) const {
    return static_cast<Seq>(static_cast<std::int64_t>(index) + base_);
  }
  void tell_committed(const Entry& entry);
  void refuse(Ticket ticket, const Error& error);
  std::shared_ptr<const LogListener> listener();

  RaftLogOptions options_;
  std::int64_t base_ = 0;  ///< seq of an entry that was written to this log, less its index
  RetainedLog retained_;
  std::atomic<Index> last_index_{0};
  std::atomic<bool> leads_{false};

  uv_loop_t loop_{};
  uv_async_t wake_{};
  uv_timer_t retry_{};
  uv_prepare_t watch_{};
  std::unique_ptr<RaftNode> node_;
  bool opening_ = false;
  bool closing_ = false;
  std::optional<Error> broken_;  ///< why there is no node that could be written to
  std::optional<SnapshotManifest> restored_;
  Seq floor_now_ = 0;

  std::mutex mutex_;  ///< guards what follows
  std::condition_variable idle_;
  std::shared_ptr<const LogListener> listener_;
  std::vector<Proposal> queue_;
  std::size_t under_way_ = 0;  ///< appended and not yet told of
  Seq floor_ = 0;
  bool running_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mosaic::replication
