// Tells followers at once what has been committed. libraft does so with the next entries, or the
// next heartbeat: a node that had its write appended by another, and a read that waits for a
// barrier, would wait for that, 50 to 100 ms where nothing else is written. What is sent is an
// ordinary AppendEntries without entries (Ongaro and Ousterhout: In Search of an Understandable
// Consensus Algorithm, 2014, section 5.3). Everything happens on the loop's thread.
#pragma once

#include <functional>
#include <map>

#include "replication/retained_log.hpp"

extern "C" {
#include <raft.h>
}

namespace mosaic::replication {

class CommitNews {
 public:
  using Send = std::function<void(const raft_message&)>;

  CommitNews(const raft& raft, Send send) : raft_(raft), send_(std::move(send)) {}

  /// A message of another node, before libraft has looked at it.
  void heard(const raft_message& message);
  /// After whatever may have committed something.
  void tell();

 private:
  struct Follower {
    Index has = 0;   ///< it has said that it has stored entries up to here
    Index told = 0;  ///< it has been told that they are committed up to here
  };

  bool leads();

  const raft& raft_;
  const Send send_;
  raft_term term_ = 0;  ///< that `followers_` is of
  std::map<raft_id, Follower> followers_;
};

}  // namespace mosaic::replication
