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

}  // namespace mosaic::replication
