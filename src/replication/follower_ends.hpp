// Where the logs of followers end. libraft 0.15 sends a follower a snapshot when the log no longer
// has what comes behind the last acknowledgement that this leader has got of it. But those get
// lost, as when a network lets messages through one way only: the follower may have much more,
// which its rejections tell and libraft takes for stale. A snapshot has no data here, so a node
// that is sent one has to begin anew; and what it alone had is lost. So the follower is asked first
// whether the logs agree where its own ends (Ongaro 2014, 3.5). Everything happens on the loop's
// thread.
#pragma once

#include <functional>
#include <map>

#include "replication/retained_log.hpp"

extern "C" {
#include <raft.h>
}

namespace mosaic::replication {

class FollowerEnds {
 public:
  using Send = std::function<void(const raft_message&)>;

  FollowerEnds(const raft& raft, Send send) : raft_(raft), send_(std::move(send)) {}

  /// A message of another node, before libraft has looked at it.
  void heard(const raft_message& message);
  /// In the place of a snapshot for this node: whether it was asked where the logs part. When it
  /// says that they agree, libraft goes on from there; when not, one entry before is asked about.
  bool ask(raft_id follower);

 private:
  const raft& raft_;
  const Send send_;
  raft_term term_ = 0;  ///< that `ends_` is of
  std::map<raft_id, Index> ends_;
};

}  // namespace mosaic::replication
