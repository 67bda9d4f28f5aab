#include "replication/raft_members.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

namespace mosaic::replication {
namespace {

using Want = MemberChange::Want;
using Transfer = struct raft_transfer;

/// libraft takes no two nodes at one address, but a node that lost its files comes back under
/// another id at the same one. So the id is part of what libraft is told.
constexpr char kBeforeId = '#';

std::string configured(NodeId id, const std::string& address) {
  return fmt::format("{}{}{}", address, kBeforeId, id);
}

Error unavailable(std::string detail) {
  return {ErrorCode::kUnavailable, std::move(detail)};
}

Error not_made(const MemberChange& change, int status) {
  switch (status) {
    case RAFT_NOTLEADER:
      return unavailable("this node does not lead the log");
    case RAFT_CANTCHANGE:
      return unavailable("another change of the members is under way");
    case RAFT_LEADERSHIPLOST:
      return unavailable(
          "this node lost the lead of the log; whether the members have changed is not known");
    case RAFT_NOCONNECTION:
      return unavailable(fmt::format("node {} does not keep up with the log", change.id));
    default:
      return unavailable(fmt::format("the members cannot be changed: {}", raft_strerror(status)));
  }
}

}  // namespace

std::string plain_address(std::string_view address) {
  return address == kAlone ? std::string()
                           : std::string(address.substr(0, address.find(kBeforeId)));
}

LogMember as_member(const raft_server& server) {
  return {server.id, plain_address(server.address), server.role == RAFT_VOTER};
}

void RaftMembers::ask(MemberChange change, LogDone done) {
  if (change_) return done(not_made(change, RAFT_CANTCHANGE));
  change_ = std::move(change);
  done_ = std::move(done);
  attend();
}

void RaftMembers::attend() {
  if (change_ && !waits_) step();
}

const raft_server* RaftMembers::find(NodeId id) const {
  const std::span members(raft_.configuration.servers, raft_.configuration.n);
  const auto found = std::ranges::find(members, id, &raft_server::id);
  return found == members.end() ? nullptr : &*found;
}

bool RaftMembers::reached(const MemberChange& change) const {
  const auto* member = find(change.id);
  switch (change.want) {
    case Want::kPresent:
      return member != nullptr && member->role != RAFT_SPARE;
    case Want::kVotes:
      return member != nullptr && member->role == RAFT_VOTER;
    case Want::kVotesNot:
      return member != nullptr && member->role == RAFT_STANDBY;
    case Want::kGone:
      return member == nullptr;
  }
  return false;
}

void RaftMembers::step() {
  const auto& change = *change_;
  if (raft_.state != RAFT_LEADER) return finish(not_made(change, RAFT_NOTLEADER));
  if (raft_.configuration_uncommitted_index != 0) return finish(not_made(change, RAFT_CANTCHANGE));
  if (reached(change)) return finish({});
  if (change.want != Want::kPresent && find(change.id) == nullptr)
    return finish(
        Error{ErrorCode::kNotFound, fmt::format("no node {} takes part in the log", change.id)});
  if (change.id == raft_.id) return hand_over_first();
  waits_ = true;
  request_.data = this;
  const int status = submit(change);
  if (status == 0) return;
  waits_ = false;
  // It may have been taken note of all the same.
  if (raft_.state == RAFT_LEADER && raft_.leader_state.change == &request_)
    raft_.leader_state.change = nullptr;
  finish(not_made(change, status));
}

int RaftMembers::submit(const MemberChange& change) {
  const auto answer = [](raft_change* request, int status) {
    static_cast<RaftMembers*>(request->data)->stepped(status);
  };
  if (change.want == Want::kGone) return raft_remove(&raft_, &request_, change.id, answer);
  if (find(change.id) == nullptr)
    return raft_add(&raft_, &request_, change.id, configured(change.id, change.address).c_str(),
                    answer);
  const int role = change.want == Want::kVotes ? RAFT_VOTER : RAFT_STANDBY;
  return raft_assign(&raft_, &request_, change.id, role, answer);
}

/// One that leads cannot go: nobody would lead until an election timeout has passed.
void RaftMembers::hand_over_first() {
  const auto id = raft_.id;
  if (heir() == 0)
    return finish(invalid(fmt::format("node {} is the only voter of the log: it cannot go", id)));
  waits_ = true;
  hand_over([this, id] {
    waits_ = false;
    if (change_)
      finish(unavailable(fmt::format(
          "node {} led the log and has handed it over before it goes: ask the one that leads now",
          id)));
  });
}

/// From within libraft.
void RaftMembers::stepped(int status) {
  waits_ = false;
  if (!change_) return;
  if (status != 0) return finish(not_made(*change_, status));
  if (reached(*change_)) return finish({});
  wake_();
}

void RaftMembers::finish(Status status) {
  change_.reset();
  std::exchange(done_, {})(std::move(status));
}

/// The voter that has all of the log and was heard of lately, as far as there is one.
raft_id RaftMembers::heir() const {
  if (raft_.state != RAFT_LEADER) return 0;
  raft_id best = 0;
  std::tuple<bool, raft_index> best_rank;
  for (unsigned i = 0; i < raft_.configuration.n; ++i) {
    const auto& member = raft_.configuration.servers[i];
    if (member.id == raft_.id || member.role != RAFT_VOTER) continue;
    const auto& progress = raft_.leader_state.progress[i];
    const std::tuple rank(progress.recent_recv, progress.match_index);
    if (best == 0 || rank > best_rank) std::tie(best, best_rank) = std::tuple(member.id, rank);
  }
  return best;
}

void RaftMembers::hand_over(std::function<void()> done) {
  const bool under_way = !handed_over_.empty();
  const auto to = heir();
  if (!under_way && to == 0) return done();
  handed_over_.push_back(std::move(done));
  if (under_way) return;
  transfer_.data = this;
  const int status = ::raft_transfer(&raft_, &transfer_, to, [](Transfer* transfer) {
    auto& self = *static_cast<RaftMembers*>(transfer->data);
    for (const auto& told : std::exchange(self.handed_over_, {})) told();
  });
  if (status == 0) return;
  for (const auto& told : std::exchange(handed_over_, {})) told();
}

void RaftMembers::end() {
  waits_ = false;
  if (change_) finish(unavailable("the log was closed before the members were changed"));
}

}  // namespace mosaic::replication
