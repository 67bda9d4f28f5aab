#include "actors/taking_part.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/leader_calls.hpp"
#include "actors/placing.hpp"
#include "base/log.hpp"
#include "cluster/membership_plan.hpp"

namespace mosaic::actors {
namespace {

using cluster::MembershipStep;
using replication::LogStanding;

constexpr std::chrono::seconds kAppendTimeout{10};
constexpr std::size_t kNameBytesMax = 128;
/// Who lacks more of the log, going by his last report, is not level, whatever he says himself.
constexpr Seq kNearEntries = 5'000;

std::vector<cluster::Member> members(membership_pointer self, const LogStanding& at) {
  const auto& state = self->state;
  std::map<std::uint64_t, cluster::Member> all;
  for (const auto& [id, record] : state.nodes) all[id].known = true;
  for (const auto& member : at.members) {
    all[member.id].takes_part = true;
    all[member.id].votes = member.votes;
  }
  const auto now = self->clock().now();
  for (const auto& [id, peer] : state.peers) {
    const bool near = peer.report.seq + kNearEntries >= at.last;
    if (all.contains(id)) all[id].level = near && is_reached(state, peer, now) && peer.report.level;
  }
  all[at.self].level = true;
  std::vector<cluster::Member> listed;
  for (auto& [id, member] : all) {
    member.id = id;
    listed.push_back(member);
  }
  return listed;
}

void perform(membership_pointer self, const MembershipStep& step) {
  auto& state = self->state;
  state.stepping = true;
  const auto start = [=](replication::LogDone done) {
    auto& log = *self->state.config.log;
    switch (step.what) {
      case MembershipStep::What::kAdd:
        return log.add({step.id, self->state.nodes.at(step.id).log_address, false}, done);
      case MembershipStep::What::kRemove:
        return log.remove(step.id, done);
      case MembershipStep::What::kLetVote:
        return log.set_vote(step.id, true, done);
      case MembershipStep::What::kTakeVote:
        return log.set_vote(step.id, false, done);
    }
  };
  call_log(self, start, [=](const Result<Seq>& done) {
    self->state.stepping = false;
    if (done) return take_next_step(self);
    log::info("who takes part in the log is not changed yet: {}", done.error().detail);
  });
}

const NodeRecord* find_by_name(const membership_state& state, const std::string& name) {
  for (const auto& [id, node] : state.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

Status check(const NodeRecord& node) {
  const auto fits = [](const std::string& text) {
    return !text.empty() && text.size() <= kNameBytesMax;
  };
  if (node.id == 0) return invalid("a node's id is 0");
  if (!fits(node.name)) return invalid("a node's name is empty or too long");
  if (!fits(node.cluster_address) || !fits(node.log_address))
    return invalid(fmt::format("node '{}' names no addresses", node.name));
  return {};
}

/// A node may take the name of one that is lost, as when it comes back without its files.
std::optional<std::uint64_t> replaced_by(membership_pointer self, const NodeRecord& node) {
  const auto* present = find_by_name(self->state, node.name);
  if (present == nullptr || present->id == node.id) return std::nullopt;
  return present->id;
}

Status check_name(membership_pointer self, const NodeRecord& node) {
  const auto replaced = replaced_by(self, node);
  const bool own =
      node.name == self->state.config.self.name && node.id != self->state.config.self.id;
  const auto peer = replaced ? self->state.peers.find(*replaced) : self->state.peers.end();
  const bool alive =
      peer != self->state.peers.end() && is_reached(self->state, peer->second, self->clock().now());
  if (!own && !alive) return {};
  return Error{ErrorCode::kAlreadyExists,
               fmt::format("the cluster has a node '{}' already, and it is up", node.name)};
}

/// Appends one after the other; the first that fails ends it.
void append_all(membership_pointer self, std::vector<std::pair<EntryKind, std::string>> entries,
                std::function<void(Status)> then) {
  if (entries.empty()) return then({});
  auto [kind, bytes] = std::move(entries.front());
  entries.erase(entries.begin());
  append_entry(self, kind, {}, std::move(bytes), [=](const Status& appended) {
    appended ? append_all(self, entries, then) : then(appended);
  });
}

}  // namespace

void append_entry(membership_pointer self, EntryKind kind, CollectionId collection,
                  std::string bytes, std::function<void(Status)> then) {
  append_request request{collection,
                         kind,
                         std::make_shared<const std::string>(std::move(bytes)),
                         {},
                         Deadline::in(self->clock().now(), kAppendTimeout)};
  self->request(self->state.parts->log, kAppendTimeout + std::chrono::seconds(2), append_atom_v,
                std::move(request))
      .then([=](const append_reply&) { then({}); },
            [=](caf::error& error) { then(from_caf(error)); });
}

void take_next_step(membership_pointer self) {
  auto& state = self->state;
  const auto at = standing(self);
  if (!at.leads() || state.stepping || state.nodes.empty()) return;
  const auto step = cluster::next_step(members(self, at), at.self, state.config.voters_max);
  if (step) perform(self, *step);
}

void tell_record(membership_pointer self, const NodeRecord& node) {
  auto& state = self->state;
  const auto known = state.nodes.find(node.id);
  if (known == state.nodes.end() || known->second == node || !check(node)) return;
  if (state.telling || !state.parts || !standing(self).leads()) return;
  state.telling = true;
  append_entry(self, EntryKind::kSetNode, {}, encode_node(node), [=](const Status& told) {
    self->state.telling = false;
    if (!told) log::debug("a node is still known otherwise: {}", told.error().detail);
  });
}

cluster_hello hello(membership_pointer self) {
  const auto& state = self->state;
  cluster_hello hello{state.config.self, standing(self).base, {}};
  for (const auto& [id, node] : state.nodes) hello.nodes.push_back(node);
  if (hello.nodes.empty()) hello.nodes.push_back(state.config.self);
  return hello;
}

caf::result<cluster_hello> join(membership_pointer self, const NodeRecord& node) {
  const sure_promise<cluster_hello> promise(self);
  if (!standing(self).leads()) {
    pass_to_leader(self, kAppendTimeout, promise, join_atom_v, node);
    return promise;
  }
  for (const auto& checked : {check(node), check_name(self, node)}) {
    if (checked) continue;
    refuse(promise, checked.error());
    return promise;
  }
  std::vector<std::pair<EntryKind, std::string>> entries;
  const auto& own = self->state.config.self;
  if (!self->state.nodes.contains(own.id))
    entries.emplace_back(EntryKind::kSetNode, encode_node(own));
  if (const auto replaced = replaced_by(self, node))
    entries.emplace_back(EntryKind::kForgetNode, encode_node_id(*replaced));
  entries.emplace_back(EntryKind::kSetNode, encode_node(node));
  log::info("node '{}' at {} joins the cluster", node.name, node.cluster_address);
  append_all(self, std::move(entries), [=](const Status& joined) mutable {
    joined ? promise.deliver(hello(self)) : refuse(promise, joined.error());
  });
  return promise;
}

bool is_only_voter(const LogStanding& at, std::uint64_t id) {
  return std::all_of(at.members.begin(), at.members.end(),
                     [&](const auto& member) { return member.votes == (member.id == id); });
}

caf::result<leader_reply> forget(membership_pointer self, const std::string& name) {
  if (!standing(self).leads()) return to_caf(not_leading(self->state, standing(self)));
  const auto& own = self->state.config.self;
  const auto* node = name == own.name ? &own : find_by_name(self->state, name);
  if (node == nullptr)
    return to_caf(Error{ErrorCode::kNotFound, fmt::format("the cluster has no node '{}'", name)});
  if (is_only_voter(standing(self), node->id)) {
    return to_caf(invalid(fmt::format(
        "node '{}' is the only one that votes: the cluster would be left without a log", name)));
  }
  const sure_promise<leader_reply> promise(self);
  let_leave(self, *node, promise);
  return promise;
}

/// A vote that nobody else could use: of a node that is down, or one that is still free.
Status check_promotion(membership_pointer self, std::uint64_t id, const std::string& name) {
  auto all = members(self, standing(self));
  const auto node = std::find_if(all.begin(), all.end(), [&](auto& m) { return m.id == id; });
  if (node->votes) return {};
  if (!node->takes_part || !node->level) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("node '{}' has not got everything yet, or does not answer", name)};
  }
  const bool free = std::any_of(all.begin(), all.end(),
                                [](const auto& member) { return member.votes && !member.level; });
  const cluster::MembershipStep vote{cluster::MembershipStep::What::kLetVote, id};
  if (free || cluster::next_step(all, standing(self).self, self->state.config.voters_max) == vote)
    return {};
  return invalid(fmt::format(
      "node '{}' cannot vote: an odd number of nodes, at most {} (cluster.voters), vote "
      "already, and all of them are up",
      name, self->state.config.voters_max));
}

caf::result<leader_reply> promote(membership_pointer self, const std::string& name) {
  if (!standing(self).leads()) return to_caf(not_leading(self->state, standing(self)));
  const auto* node = find_by_name(self->state, name);
  if (node == nullptr)
    return to_caf(Error{ErrorCode::kNotFound, fmt::format("the cluster has no node '{}'", name)});
  if (const auto may = check_promotion(self, node->id, name); !may) return to_caf(may.error());
  const sure_promise<leader_reply> promise(self);
  call_log(
      self, [=, id = node->id](auto done) { self->state.config.log->set_vote(id, true, done); },
      [=](const Result<Seq>& done) mutable {
        done ? promise.deliver(leader_reply{}) : refuse(promise, done.error());
      });
  return promise;
}

}  // namespace mosaic::actors
