// One libraft instance on one libuv loop, with the rules that were learned the hard way (see
// docs/decisions/0033-raft-log.md) built in. Everything happens on the loop's thread. Knows bytes
// and indexes; what they mean is the machine's business.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replication/commit_news.hpp"
#include "replication/follower_ends.hpp"
#include "replication/log_board.hpp"
#include "replication/raft_barriers.hpp"
#include "replication/raft_log_options.hpp"
#include "replication/raft_members.hpp"
#include "replication/raft_transport.hpp"
#include "replication/snapshot_manifest.hpp"
#include "replication/term_file.hpp"

namespace mosaic::replication {

struct RaftOptions {
  std::filesystem::path folder;
  std::uint64_t id = 0;
  std::string address = {};  ///< HOST:PORT that others are told; empty: there is nobody else
  std::string listen = {};   ///< HOST:PORT to listen at; empty: `address`
  std::shared_ptr<const AddressBook> addresses = {};  ///< where the others are; may be null
  std::vector<RaftMember> others = {};  ///< that vote as well, in a log that is just begun
  bool joins = false;      ///< a folder without a log gets none: another node will add this one
  tls::TlsFiles tls = {};  ///< none: others connect without certificates
};

/// What a node's entries do. Called on the loop's thread; nothing here may take long.
class RaftMachine {
 public:
  virtual ~RaftMachine() = default;
  /// Entries in order, each once for every start of the node. `ticket` is that of propose(), and 0
  /// unless this start proposed it.
  virtual void committed(Index index, std::string_view entry, std::uint64_t ticket) = 0;
  /// What was proposed with it may have been stored or not, and may come yet.
  virtual void lost_sight_of(std::uint64_t ticket) = 0;
  /// A snapshot is taken: what stands in it, and the last entry that is needed no more.
  struct Snapshot {
    std::string manifest;
    Index forget_to = 0;
  };
  virtual Snapshot snapshot(Index applied) = 0;
  /// What stands in the snapshot that the node starts with; later, in one that the leader had it
  /// install, since it no longer has the entries that come next.
  virtual void restored(std::string_view manifest) = 0;
  /// attend() is to be called soon, but not from within this.
  virtual void has_more_to_do() = 0;
  /// The node can write no more and has to be closed. Called once.
  virtual void broke(const Error& error, bool disk_full) = 0;
};

class RaftNode {
 public:
  /// Starts it from what is in the folder; a folder without a log gets one. What was committed
  /// before is told to the machine before this returns. Throws unavailable, corrupt_data.
  RaftNode(uv_loop_t& loop, RaftOptions options, RaftMachine& machine);
  /// To be destroyed after `closed` has been called, or when the constructor threw.
  ~RaftNode();
  RaftNode(const RaftNode&) = delete;
  RaftNode& operator=(const RaftNode&) = delete;
  void close(std::function<void()> closed);

  /// Error unavailable: nothing is stored. `fill` writes record_bytes to its argument.
  Status propose(std::size_t bytes, const std::function<void(char*)>& fill, std::uint64_t ticket);
  std::size_t proposed() const { return requests_.size(); }

  RaftMembers& members() { return members_; }
  RaftBarriers& barriers() { return barriers_; }
  /// Goes on with what takes several steps.
  void attend();
  void show(LogBoard& board) { board.show(raft_); }

  /// May propose: it leads, and is not handing over.
  bool leads() const { return raft_.state == RAFT_LEADER && raft_.transfer == nullptr; }
  /// libraft has met an error that it does not go on after.
  bool gave_up() const { return raft_.state == RAFT_UNAVAILABLE; }
  Index last_applied() { return raft_last_applied(&raft_); }
  Index last_index() { return raft_last_index(&raft_); }
  /// Visits the entries after `after` that are in memory, up to `to`, in order.
  void for_each(Index after, Index to,
                const std::function<void(Index, std::string_view)>& visit) const;
  /// Soon: libraft takes one after it has applied something.
  void take_snapshot();

 private:
  struct Request;
  struct Append;

  void init(uv_loop_t& loop);
  void bootstrap();
  void start();
  void wrap_disk();
  void wrap_network();
  void send_own(const raft_message& message);
  int append(raft_io_append* request, const raft_entry* entries, unsigned count,
             raft_io_append_cb then);
  std::optional<Index> upto(const raft_message& message) const;
  void say_only_what_is_agreed(raft_append_entries_result& result);
  int change_term(Term now, const std::function<int()>& change);
  void appended(Append* append, int status);
  void finish_failed_appends();
  void break_down(const Error& error, bool disk_full);
  int take(raft_buffer* buffers[], unsigned* count);
  static RaftNode& of(raft_io* io);
  static RaftNode& of(raft_fsm* fsm) { return *static_cast<RaftNode*>(fsm->data); }

  const RaftOptions options_;
  RaftMachine& machine_;
  RaftTransport transport_;
  raft_io io_{};
  raft_fsm fsm_{};
  raft raft_{};
  RaftMembers members_;
  RaftBarriers barriers_;
  CommitNews news_;
  FollowerEnds ends_;
  raft_io_recv_cb received_ = nullptr;  ///< libraft's own
  raft_io disk_{};                      ///< libraft's own methods, which those of io_ call
  Term term_;
  std::map<Index, std::unique_ptr<Request>> requests_;
  std::vector<Append*> failed_;
  std::function<void()> closed_;
  Index agreed_ = 0;  ///< up to here the log is that of this term's leader, as far as is known
  /// Up to where the message went that is being answered; none: it was not of entries.
  std::optional<Index> answered_;
  bool broken_ = false;
  bool io_made_ = false;
};

}  // namespace mosaic::replication
