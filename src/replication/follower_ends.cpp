#include "replication/follower_ends.hpp"

#include <algorithm>
#include <utility>

#include "replication/raft_memory.hpp"

namespace mosaic::replication {

void FollowerEnds::heard(const raft_message& message) {
  if (message.type != RAFT_IO_APPEND_ENTRIES_RESULT) return;
  const auto& result = message.append_entries_result;
  if (result.rejected == 0 || result.term != raft_.current_term) return;
  if (std::exchange(term_, raft_.current_term) != raft_.current_term) ends_.clear();
  ends_[message.server_id] = std::min<Index>(result.last_log_index, result.rejected - 1);
}

bool FollowerEnds::ask(raft_id follower) {
  const auto end = ends_.find(follower);
  if (term_ != raft_.current_term || end == ends_.end() || end->second == 0) return false;
  const auto term = term_of(raft_.log, end->second);
  if (term == 0) return false;
  send_(without_entries(raft_, follower, end->second, term));
  return true;
}

}  // namespace mosaic::replication
