// What libraft has of its log in memory.
#pragma once

#include <algorithm>

#include "replication/retained_log.hpp"

extern "C" {
#include <raft.h>
}

namespace mosaic::replication {

inline Index last_index_of(const raft_log& log) {
  const auto count = (log.back + log.size - log.front) % std::max<std::size_t>(log.size, 1);
  return log.offset + count;
}

/// 0: the entry is not in memory (any more).
inline raft_term term_of(const raft_log& log, Index index) {
  if (index == log.snapshot.last_index) return log.snapshot.last_term;
  if (index <= log.offset || index > last_index_of(log)) return 0;
  return log.entries[(log.front + (index - log.offset - 1)) % log.size].term;
}

/// From a leader: whether the logs agree at `index`, and that this is committed, if it is. Of what
/// comes behind it nothing is said: libraft 0.15 takes whatever a follower has there for the
/// leader's, be it left over from another one.
inline raft_message without_entries(const raft& leader, raft_id follower, Index index,
                                    raft_term term) {
  raft_message message{};
  message.type = RAFT_IO_APPEND_ENTRIES;
  message.server_id = follower;
  const auto committed = std::min<Index>(leader.commit_index, index);
  message.append_entries = {leader.current_term, index, term, committed, nullptr, 0};
  return message;
}

}  // namespace mosaic::replication
