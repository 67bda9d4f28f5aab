// Who takes part in the log: one change at a time, made of the steps that libraft knows, each an
// entry of its own. What is wanted is compared with what is so before every step, so that asking
// twice does no harm. Everything happens on the loop's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "replication/log.hpp"

extern "C" {
#include <raft.h>
}

namespace mosaic::replication {

/// The address of a node that has no other.
inline constexpr const char* kAlone = "alone";

struct MemberChange {
  enum class Want : std::uint8_t { kPresent, kVotes, kVotesNot, kGone };
  Want want = Want::kPresent;
  NodeId id = 0;
  std::string address = {};  ///< of one that is to be present
};

/// HOST:PORT of what libraft calls an address; empty if it is none.
std::string plain_address(std::string_view address);

/// As libraft has them now, those included that most do not know of yet.
LogMember as_member(const raft_server& server);

class RaftMembers {
 public:
  /// `wake` has attend() called soon, but not from within libraft.
  RaftMembers(raft& raft, std::function<void()> wake) : raft_(raft), wake_(std::move(wake)) {}

  /// Answers once. Errors: unavailable as of Log::add, or the member does not keep up; not_found:
  /// no member has this id; invalid_argument: it is the only voter.
  void ask(MemberChange change, LogDone done);
  /// Goes on with what was asked.
  void attend();
  /// Gives the lead to the voter that can take it best. `done` comes at the latest after an
  /// election timeout, at once if this node does not lead or there is nobody else; it may come from
  /// within libraft.
  void hand_over(std::function<void()> done);
  /// Answers what libraft answers no more.
  void end();

 private:
  const raft_server* find(NodeId id) const;
  bool reached(const MemberChange& change) const;
  void step();
  int submit(const MemberChange& change);
  void hand_over_first();
  void stepped(int status);
  void finish(Status status);
  raft_id heir() const;

  raft& raft_;
  const std::function<void()> wake_;
  std::optional<MemberChange> change_;
  LogDone done_;
  bool waits_ = false;  ///< for libraft's answer to a step
  raft_change request_{};
  /// libraft looks at it until it is closed.
  struct raft_transfer transfer_ {};
  std::vector<std::function<void()>> handed_over_;
};

}  // namespace mosaic::replication
