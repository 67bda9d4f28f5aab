#include "actors/log_appends.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

namespace mosaic::actors {
namespace {

using appender = log_state::appender;
using replication::LogStanding;

/// Nobody sees the same name twice.
RequestId random_name() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  return {random(), random(), kResendWindowS};
}

/// Whether it is known which vectors the collection has, and that they stay.
bool is_settled(const log_state& state, CollectionId id, const log_state::collection& collection) {
  return !collection.hold &&
         std::none_of(state.unsettled.begin(), state.unsettled.end(), [&](const auto& entry) {
           return entry.second.collection == id && entry.second.kind == EntryKind::kSwitchSpace;
         });
}

/// The entry that ends the hold is on its way: it may be in the log already.
bool is_switching(const log_state::collection& collection) {
  return collection.hold && collection.hold->switching != 0;
}

/// Those that are held must not be switched under.
Status may_switch(log_pointer self, const log_state::collection& collection,
                  const append_request& request) {
  const auto generation = decode_generation(*request.bytes);
  if (!generation) return generation.error();
  const auto& hold = collection.hold;
  if (hold && hold->generation == *generation && !hold->until.passed(self->clock().now()))
    return {};
  return Error{ErrorCode::kUnavailable, "writes are not held any more"};
}

void refuse_append(log_pointer self, const appender& by, const Error& error) {
  if (by.origin != 0) return refuse(by.taken_over, error);
  if (auto writer = self->state.uncommitted.extract(by.ticket))
    refuse(writer.mapped().promise, error);
}

void say_outdated(log_pointer self, const appender& by, CollectionId collection) {
  if (by.origin != 0) return by.taken_over.deliver(leader_reply{true});
  if (auto writer = self->state.uncommitted.extract(by.ticket))
    writer.mapped().promise.deliver(append_reply{.collection = collection, .outdated = true});
}

void append_now(log_pointer self, const append_request& request, const appender& by) {
  auto& state = self->state;
  const auto found = state.collections.find(request.collection);
  if (request.kind == EntryKind::kSwitchSpace && found != state.collections.end())
    found->second.hold->switching = by.ticket;
  replication::Proposal proposal{request.collection, request.kind, *request.bytes, by.ticket,
                                 request.request};
  proposal.origin = by.origin;
  state.config.log->append(std::move(proposal));
  if (by.origin != 0) by.taken_over.deliver(leader_reply{});
}

/// Whether all that was in the log before this node led it, if it does, is known here: an
/// embedder that the collection has gone over to, for one.
bool knows_the_log(const log_state& state, const LogStanding& at) {
  return state.heard >= at.inherited;
}

bool may_decide(const log_state& state, const LogStanding& at) {
  return at.leads() && knows_the_log(state, at);
}

/// Of a node that may decide.
void consider(log_pointer self, const append_request& request, const appender& by) {
  auto& state = self->state;
  const auto found = state.collections.find(request.collection);
  if (found == state.collections.end()) {
    const bool needs_hold = request.kind == EntryKind::kSwitchSpace;
    if (is_catalog(request.kind) && !needs_hold) return append_now(self, request, by);
    return refuse_append(self, by,
                         {ErrorCode::kUnavailable,
                          "the log has just been started again, or the collection was dropped"});
  }
  auto& collection = found->second;
  if (const auto kept = state.config.log->kept_bytes(); kept > state.config.bytes_max)
    return refuse_append(self, by, log_is_full(state, kept));
  // What ends the wait of those that are held must get past them.
  const auto waiting =
      collection.queue.waiting_bytes() + (request.space ? collection.held_bytes : 0);
  if (waiting > state.config.queue_bytes_max)
    return refuse_append(self, by, queue_is_full(state, waiting));
  if (request.kind == EntryKind::kSwitchSpace) {
    if (const auto may = may_switch(self, collection, request); !may) {
      refuse_append(self, by, may.error());
      if (!is_switching(collection)) let_go(self, request.collection);
      return;
    }
  }
  if (!request.space) return append_now(self, request, by);
  if (!is_settled(state, request.collection, collection)) {
    collection.held_bytes += request.bytes->size();
    return collection.held.push_back({request, by});
  }
  if (*request.space == collection.origin.space) return append_now(self, request, by);
  say_outdated(self, by, request.collection);
}

/// Another error than that it cannot be reached, or does not lead (any more), is its verdict.
bool may_be_asked_again(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadlineExceeded ||
         error.code == ErrorCode::kInternal;
}

void leader_failed(log_pointer self, replication::Ticket ticket, replication::NodeId leader,
                   const Error& error) {
  const auto writer = self->state.uncommitted.find(ticket);
  if (writer == self->state.uncommitted.end() || writer->second.sent_to != leader) return;
  if (!may_be_asked_again(error)) return refuse_append(self, {ticket}, error);
  writer->second.sent_to = 0;
}

void ask_leader(log_pointer self, replication::Ticket ticket, log_state::writer& writer,
                const LogStanding& at) {
  writer.sent_to = at.leader;
  writer.sent_in = at.term;
  writer.unknown = true;
  const auto left = writer.request.deadline.left(self->clock().now());
  self->request(self->state.membership, caf::duration(left), leader_atom_v, forward_atom_v,
                forwarded_append{writer.request, at.self, ticket})
      .then(
          [=, collection = writer.request.collection](const leader_reply& reply) {
            if (reply.outdated) say_outdated(self, {ticket}, collection);
          },
          [=, leader = at.leader](caf::error& error) {
            leader_failed(self, ticket, leader, from_caf(error));
          });
}

/// A write of this node goes into the log if it leads, to the leader otherwise; without a leader
/// that may decide it waits.
void submit(log_pointer self, replication::Ticket ticket, const LogStanding& at) {
  auto& writer = self->state.uncommitted.at(ticket);
  // Alone, a log that is closed for now says itself why.
  if (at.leads() || at.members.size() <= 1) {
    if (!knows_the_log(self->state, at)) return;
    writer.sent_to = at.self;
    writer.sent_in = at.term;
    const auto request = writer.request;
    return consider(self, request, {ticket});
  }
  if (at.leader != 0 && self->state.membership) ask_leader(self, ticket, writer, at);
}

Error lost(const log_state::writer& writer, std::string_view why) {
  return {ErrorCode::kUnavailable,
          fmt::format("{}: {}", why,
                      writer.unknown ? "whether the write is stored is not known"
                                     : "the write is not stored")};
}

/// Of those that are held; and all of them, when the hold has lasted long enough.
void end_holds(log_pointer self, const LogStanding& at) {
  const auto now = self->clock().now();
  const bool led_by_another = at.members.size() > 1 && !at.leads();
  std::vector<CollectionId> over;
  for (auto& [id, collection] : self->state.collections) {
    std::vector<log_state::held_write> late;
    std::erase_if(collection.held, [&](auto& write) {
      if (!write.request.deadline.passed(now)) return false;
      collection.held_bytes -= write.request.bytes->size();
      late.push_back(std::move(write));
      return true;
    });
    for (const auto& write : late) {
      refuse_append(self, write.by,
                    {ErrorCode::kDeadlineExceeded,
                     "the write waited for its collection to go over to another embedder; "
                     "it is not stored"});
    }
    const bool ended =
        collection.hold && !is_switching(collection) && collection.hold->until.passed(now);
    if (ended || (collection.hold && led_by_another)) over.push_back(id);
  }
  for (const auto id : over) let_go(self, id);
}

}  // namespace

caf::result<append_reply> append(log_pointer self, const append_request& request) {
  auto& state = self->state;
  const sure_promise<append_reply> promise(self);
  const auto ticket = state.next_ticket++;
  const auto now = self->clock().now();
  auto& writer = state.uncommitted[ticket];
  writer = {promise, request, now, now};
  writer.named = bool{request.request};
  const auto at = state.config.log->standing();
  // It may have to be sent again, and must then be known.
  if (at.members.size() > 1 && !request.request) writer.request.request = random_name();
  submit(self, ticket, at);
  return promise;
}

caf::result<leader_reply> append_for(log_pointer self, const forwarded_append& forwarded) {
  const auto at = self->state.config.log->standing();
  if (!may_decide(self->state, at))
    return to_caf(Error{ErrorCode::kUnavailable, "the node does not lead the cluster"});
  const sure_promise<leader_reply> promise(self);
  consider(self, forwarded.request, {forwarded.ticket, forwarded.origin, promise});
  return promise;
}

void refused(log_pointer self, const refusal& x) {
  const auto at = self->state.config.log->standing();
  const auto writer = self->state.uncommitted.find(x.ticket);
  if (writer != self->state.uncommitted.end() && at.members.size() > 1) {
    writer->second.unknown |= x.unknown;
    writer->second.sent_to = 0;
  } else {
    refuse_append(self, {x.ticket}, x.error);
  }
  for (const auto& [id, collection] : self->state.collections) {
    if (collection.hold && collection.hold->switching == x.ticket) return let_go(self, id);
  }
}

void let_go(log_pointer self, CollectionId id) {
  const auto found = self->state.collections.find(id);
  if (found == self->state.collections.end()) return;
  found->second.hold.reset();
  found->second.held_bytes = 0;
  const auto at = self->state.config.log->standing();
  for (auto& write : std::exchange(found->second.held, {})) {
    if (write.by.origin == 0) {
      if (self->state.uncommitted.contains(write.by.ticket)) submit(self, write.by.ticket, at);
    } else if (may_decide(self->state, at)) {
      consider(self, write.request, write.by);
    } else {
      refuse_append(self, write.by,
                    {ErrorCode::kUnavailable, "the node does not lead the cluster any more"});
    }
  }
}

caf::result<void> hold(log_pointer self, const hold_request& request) {
  if (!may_decide(self->state, self->state.config.log->standing()))
    return to_caf(Error{ErrorCode::kUnavailable, "the node does not lead the cluster"});
  const auto found = self->state.collections.find(request.collection);
  const bool on_its_way = found != self->state.collections.end() && found->second.origin.next &&
                          found->second.origin.next->generation == request.generation;
  if (!on_its_way || is_switching(found->second))
    return to_caf(
        Error{ErrorCode::kUnavailable, "the collection is not on its way to an embedder"});
  found->second.hold = log_state::hold{request.generation, request.deadline};
  return caf::unit;
}

void refuse_held(log_pointer self, const std::deque<log_state::held_write>& held,
                 const Error& error) {
  for (const auto& write : held) refuse_append(self, write.by, error);
}

bool is_overtaken(const log_state& state) {
  return state.config.log->forgotten() > state.config.log->standing().last;
}

void attend_appends(log_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  const auto at = state.config.log->standing();
  const bool overtaken = is_overtaken(state);
  std::vector<replication::Ticket> again;
  std::vector<std::pair<replication::Ticket, Error>> over;
  for (auto& [ticket, writer] : state.uncommitted) {
    if (writer.request.deadline.passed(now)) {
      over.emplace_back(ticket,
                        Error{ErrorCode::kDeadlineExceeded,
                              "the log did not answer in time; whether the write is stored is not "
                              "known"});
    } else if (overtaken) {
      over.emplace_back(ticket, lost(writer, "the cluster has gone on without this node"));
    } else if (writer.sent_to != 0 && writer.sent_to == at.leader && writer.sent_in == at.term) {
      writer.asked = now;
    } else if (now - writer.asked >= kLeaderPatience) {
      over.emplace_back(ticket, lost(writer, "the cluster has no leader that can be reached"));
    } else if (at.leader != 0) {
      again.push_back(ticket);
    }
  }
  for (const auto& [ticket, error] : over) refuse_append(self, {ticket}, error);
  for (const auto ticket : again) submit(self, ticket, at);
  end_holds(self, at);
}

}  // namespace mosaic::actors
