#include "actors/root.hpp"

#include <algorithm>

#include "actors/exceptions.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using root_pointer = root_actor::stateful_pointer<root_state>;

void start_part(root_pointer self, std::size_t index) {
  auto& part = self->state.parts[index];
  part.actor = part.spec->start(self, part.number);
  part.alive = true;
  self->state.config.metrics->parts.started(part.spec->name);
  self->monitor(part.actor);
  self->state.by_address[part.actor.address()] = index;
}

template <class Handle>
std::vector<Handle> handles(const root_state& state, std::string_view name) {
  std::vector<Handle> found;
  for (const auto& part : state.parts) {
    if (part.spec->name == name) found.push_back(caf::actor_cast<Handle>(part.actor));
  }
  return found;
}

template <class Handle>
Handle handle(const root_state& state, std::string_view name) {
  const auto found = handles<Handle>(state, name);
  return found.empty() ? Handle() : found.front();
}

node_parts_ptr who_is_who(const root_state& state) {
  auto parts = std::make_shared<node_parts>();
  parts->log = handle<log_actor>(state, "log");
  parts->supervisor = handle<supervisor_actor>(state, "supervisor");
  parts->membership = handle<membership_actor>(state, "membership");
  parts->job_desk = parts->membership;
  parts->copies = handle<copies_actor>(state, "copies");
  parts->replicas = handle<replicas_actor>(state, "replicas");
  parts->embedder = handle<embedder_actor>(state, "embedding");
  parts->rankers = handles<ranker_actor>(state, "ranker");
  parts->coordinators = handles<coordinator_actor>(state, "coordinator");
  parts->ingest = handles<ingest_actor>(state, "ingest");
  parts->jobs = handle<jobs_actor>(state, "jobs");
  for (const auto name : {"coordinator", "ingest", "jobs", "historian", "replicas"}) {
    for (auto& listener : handles<route_listener>(state, name))
      parts->listeners.push_back(std::move(listener));
  }
  return parts;
}

/// Fronts hear last: when they pass a request on, its target is wired.
void wire(root_pointer self) {
  const auto parts = who_is_who(self->state);
  for (const auto& part : self->state.parts) {
    if (part.spec->wired) caf::anon_send(part.actor, parts_atom_v, parts);
  }
  if (self->state.config.on_wired) self->state.config.on_wired(parts);
}

void announce(root_pointer self, const root_state::part& part) {
  if (self->state.config.on_started) self->state.config.on_started(part.spec->name, part.actor);
}

void start(root_pointer self) {
  auto& state = self->state;
  for (const auto& spec : state.config.specs) {
    for (std::size_t i = 0; i < spec.count; ++i)
      state.parts.push_back({&spec, i, {}, false, cluster::RestartPolicy(state.config.restarts)});
  }
  for (std::size_t i = 0; i < state.parts.size(); ++i) start_part(self, i);
  wire(self);
  for (const auto& part : state.parts) announce(self, part);
}

void restart(root_pointer self, std::size_t index) {
  if (self->state.stopping) return;
  start_part(self, index);
  self->state.config.metrics->parts.restarted(self->state.parts[index].spec->name);
  wire(self);
  announce(self, self->state.parts[index]);
}

/// Tells the next kind of parts, in reverse order, to end; ends itself after the first.
void end_next(root_pointer self) {
  auto& state = self->state;
  for (;;) {
    if (state.ending == 0) return self->quit(caf::exit_reason::user_shutdown);
    const auto* spec = &state.config.specs[--state.ending];
    bool any = false;
    for (const auto& part : state.parts) {
      if (part.spec != spec || !part.alive) continue;
      self->send_exit(part.actor, caf::exit_reason::user_shutdown);
      any = true;
    }
    if (!any) continue;
    self->delayed_send(self, kEndGrace, step_atom_v, std::uint64_t{state.ending});
    return;
  }
}

bool all_ended(const root_state& state) {
  return std::none_of(state.parts.begin(), state.parts.end(), [&](const auto& part) {
    return part.alive && part.spec == &state.config.specs[state.ending];
  });
}

void ended(root_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  const auto address = state.by_address.find(down.source);
  if (address == state.by_address.end()) return;
  const auto index = address->second;
  state.by_address.erase(address);
  auto& part = state.parts[index];
  part.alive = false;
  state.config.metrics->parts.ended(part.spec->name);
  if (state.stopping) {
    if (all_ended(state)) end_next(self);
    return;
  }
  const auto decision = part.policy.crashed(self->clock().now());
  log::error("part '{}' of the node died: {}; next try in {} ms", part.spec->name,
             from_caf(down.reason).detail, decision.after.count());
  self->delayed_send(self, decision.after, restart_atom_v, std::uint64_t{index});
}

void stop(root_pointer self) {
  auto& state = self->state;
  if (state.stopping) return;
  state.stopping = true;
  state.ending = state.config.specs.size();
  end_next(self);
}

caf::result<void> inject(root_pointer self, const FaultRequest& fault) {
  if (!self->state.config.fault_injection) {
    return to_caf(
        Error{ErrorCode::kPermissionDenied, "faults are refused: debug.fault_injection is off"});
  }
  if (const auto checked = validate(fault); !checked) return to_caf(checked.error());
  if (fault.part == "shard" || fault.part == "searcher" || fault.part == "indexer") {
    return self->delegate(handle<supervisor_actor>(self->state, "supervisor"), fault_atom_v, fault);
  }
  for (const auto& part : handles<faulty_actor>(self->state, fault.part))
    self->send(part, fault_atom_v, fault);
  return caf::unit;
}

}  // namespace

root_actor::behavior_type root(root_pointer self, root_config config) {
  die_with_reason(self);
  self->state.config = std::move(config);
  self->set_down_handler([=](caf::down_msg& down) { ended(self, down); });
  self->set_exit_handler([=](caf::exit_msg& message) {
    if (message.reason == caf::exit_reason::user_shutdown) return stop(self);
    self->quit(std::move(message.reason));
  });
  return {
      [=](start_atom) { start(self); },
      [=](restart_atom, std::uint64_t index) { restart(self, index); },
      [=](step_atom, std::uint64_t ending) {
        if (!self->state.stopping || ending != self->state.ending) return;
        log::error("part '{}' of the node does not end", self->state.config.specs[ending].name);
        end_next(self);
      },
      [=](fault_atom, const FaultRequest& fault) { return inject(self, fault); },
  };
}

}  // namespace mosaic::actors
