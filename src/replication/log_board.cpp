#include "replication/log_board.hpp"

#include <iterator>
#include <tuple>

#include "replication/raft_members.hpp"

namespace mosaic::replication {
namespace {

bool is_shown(const LogMember& shown, const raft_server& server) {
  const auto now = as_member(server);
  return std::tie(shown.id, shown.votes, shown.address) == std::tie(now.id, now.votes, now.address);
}

}  // namespace

void LogBoard::self(NodeId id, std::int64_t base) {
  const std::lock_guard lock(mutex_);
  standing_.self = id;
  standing_.base = base;
}

void LogBoard::show(raft& raft) {
  raft_id leader = 0;
  const char* address = nullptr;
  raft_leader(&raft, &leader, &address);
  const std::lock_guard lock(mutex_);
  standing_.leader = leader;
  standing_.term = raft.current_term;
  const auto* servers = raft.configuration.servers;
  const auto* end = servers + raft.configuration.n;
  const auto& shown = standing_.members;
  if (std::equal(shown.begin(), shown.end(), servers, end, is_shown)) return;
  standing_.members.clear();
  std::transform(servers, end, std::back_inserter(standing_.members), as_member);
}

void LogBoard::closed() {
  const std::lock_guard lock(mutex_);
  standing_.leader = 0;
}

void LogBoard::reached(Seq last) {
  const std::lock_guard lock(mutex_);
  standing_.last = std::max(standing_.last, last);
}

void LogBoard::inherited(Seq last) {
  const std::lock_guard lock(mutex_);
  standing_.inherited = last;
}

LogStanding LogBoard::read() const {
  const std::lock_guard lock(mutex_);
  return standing_;
}

}  // namespace mosaic::replication
