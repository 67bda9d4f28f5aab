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

#include "replication/log.hpp"
#include "replication/log_board.hpp"
#include "replication/log_opening.hpp"
#include "replication/raft_node.hpp"

namespace mosaic::replication {

class RaftLog final : public Log, private RaftMachine {
 public:
  /// Opens the log, or begins one. Throws corrupt_data when its files are damaged, or end before
  /// `applied`; unavailable when they cannot be read or written, or nobody can listen there.
  explicit RaftLog(RaftLogOptions options);
  ~RaftLog() override;

  void listen(LogListener listener) override;
  void append(Proposal proposal) override;
  /// Lets those who wait for an answer have one, and gives the lead to another voter.
  void stop() override;
  LogStanding standing() const override { return board_.read(); }
  void add(const LogMember& member, LogDone done) override;
  void set_vote(NodeId id, bool votes, LogDone done) override;
  void remove(NodeId id, LogDone done) override;
  void barrier(std::function<void(Result<Seq>)> done) override;
  Seq last_seq() const override { return retained_.last_seq(); }
  Seq forgotten() const override { return retained_.forgotten(); }
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
  /// The seq of an entry that was written to this log, less its index: the same on all nodes.
  std::int64_t base() const { return base_; }

 private:
  void change(MemberChange change, LogDone done);
  bool ask(std::function<void()> work);
  std::optional<Error> unusable() const;

  // On the log's thread, but for what says otherwise.
  void run(std::promise<void>& started);
  void open();
  void reopen();
  void attend();
  void attend_to_end();
  Index known_committed();
  void look();
  void inherit();
  void begin_to_lead();
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
  void has_more_to_do() override { wake(); }
  void broke(const Error& error, bool disk_full) override;

  /// 0 of those before the first of ours.
  Seq seq_of(Index index) const {
    return static_cast<Seq>(std::max<std::int64_t>(static_cast<std::int64_t>(index) + base_, 0));
  }
  bool is_own(NodeId origin) const { return origin == 0 || origin == options_.id; }
  std::optional<Entry> take_in(Index index, std::string_view bytes);
  void overtake(const SnapshotManifest& manifest);
  void answered(bool own);
  void refuse(Ticket ticket, const Error& error, bool unknown);
  std::shared_ptr<const LogListener> listener();

  RaftLogOptions options_;
  std::int64_t base_ = 0;  ///< seq of an entry that was written to this log, less its index
  RetainedLog retained_;
  LogBoard board_;
  std::atomic<Index> last_index_{0};
  std::atomic<bool> leads_{false};

  uv_loop_t loop_{};
  uv_async_t wake_{};
  uv_timer_t retry_{};
  uv_prepare_t before_{};
  uv_check_t after_{};
  std::unique_ptr<RaftNode> node_;
  bool opening_ = false;
  bool replaying_ = false;
  bool closing_ = false;
  bool overtaken_ = false;
  bool handing_over_ = false;
  bool handed_over_ = false;
  std::int64_t proposed_time_ms_ = 0;  ///< of the newest entry of this log that is on its way
  std::optional<Error> broken_;        ///< why there is no node that could be written to
  std::optional<SnapshotManifest> restored_;
  Seq floor_now_ = 0;

  std::mutex mutex_;  ///< guards what follows
  std::condition_variable idle_;
  std::shared_ptr<const LogListener> listener_;
  std::vector<Proposal> queue_;
  std::vector<std::function<void()>> asked_;
  std::size_t under_way_ = 0;  ///< own ones that were appended and not yet told of
  Seq floor_ = 0;
  bool running_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mosaic::replication
