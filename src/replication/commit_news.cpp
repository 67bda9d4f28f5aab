#include "replication/commit_news.hpp"

#include <algorithm>

#include "replication/raft_memory.hpp"

namespace mosaic::replication {

/// What was heard in another term means nothing.
bool CommitNews::leads() {
  if (raft_.state != RAFT_LEADER || raft_.current_term != term_) followers_.clear();
  term_ = raft_.current_term;
  return raft_.state == RAFT_LEADER;
}

void CommitNews::heard(const raft_message& message) {
  if (message.type != RAFT_IO_APPEND_ENTRIES_RESULT || !leads()) return;
  const auto& result = message.append_entries_result;
  if (result.rejected != 0 || result.term != raft_.current_term) return;
  auto& follower = followers_[message.server_id];
  follower.has = std::max<Index>(follower.has, result.last_log_index);
}

void CommitNews::tell() {
  if (!leads()) return;
  // While more is on its way, so is this news.
  if (last_index_of(raft_.log) > raft_.commit_index) return;
  for (auto& [id, follower] : followers_) {
    const auto known = std::min<Index>(follower.has, raft_.commit_index);
    const auto term = term_of(raft_.log, known);
    if (known <= follower.told || term == 0) continue;
    follower.told = known;
    send_(without_entries(raft_, id, known, term));
  }
}

}  // namespace mosaic::replication
