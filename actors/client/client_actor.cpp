#include "actors/client/client_actor.hpp"

#include <set>

#include <fmt/format.h>
#include <caf/io/middleman.hpp>

namespace mosaic::actors {
namespace {

TimePoint now() {
  return std::chrono::steady_clock::now();
}

std::string node_name(client_pointer self) {
  return fmt::format("{}:{}", self->state.options.host, self->state.options.port);
}

using requests = std::map<std::uint64_t, client_request_ptr>;

/// Their callers may send new ones while they hear of it.
void fail_sent(requests& sent, const std::string& detail) {
  for (const auto& [id, request] : std::exchange(sent, {}))
    request->fail(request->without_answer(ErrorCode::kUnavailable, detail));
}

void fail_waiting(requests& waiting, const std::string& detail) {
  for (const auto& [id, request] : std::exchange(waiting, {}))
    request->fail({ErrorCode::kUnavailable, detail});
}

/// There is no connection, whether or not there was one: what had been sent has no answer, and the
/// next try comes after a pause.
void without_connection(client_pointer self, Error why) {
  auto& state = self->state;
  state.engine = nullptr;
  state.lost = std::move(why);
  self->delayed_send(self, state.policy.crashed(now()).after, start_atom_v);
  fail_sent(state.sent,
            fmt::format("the connection to {} broke: {}", node_name(self), state.lost.detail));
}

void send(client_pointer self, std::uint64_t id, const client_request_ptr& request) {
  if (request->deadline().passed(now())) {
    return request->fail({ErrorCode::kDeadlineExceeded, "no time was left to send the request"});
  }
  self->state.sent.emplace(id, request);
  request->send(self, self->state.engine, [=] { self->state.sent.erase(id); });
}

void connected(client_pointer self, const caf::strong_actor_ptr& engine,
               const std::set<std::string>& messages) {
  auto& system = self->system();
  if (!engine) return without_connection(self, {ErrorCode::kUnavailable, "no engine is there"});
  if (!system.assignable(messages, system.message_types<engine_actor>())) {
    return without_connection(
        self, {ErrorCode::kUnavailable, "the engine there speaks another version's protocol"});
  }
  self->state.engine = caf::actor_cast<engine_actor>(engine);
  self->monitor(self->state.engine);
  for (const auto& [id, request] : std::exchange(self->state.waiting, {})) send(self, id, request);
}

/// The middleman connects; its answer may be late, but nobody waits for it here.
void connect(client_pointer self) {
  const auto& options = self->state.options;
  self->request(self->system().middleman().actor_handle(), options.connect_timeout,
                caf::connect_atom::value, options.host, options.port)
      .then([=](const caf::node_id&, const caf::strong_actor_ptr& engine,
                const std::set<std::string>& messages) { connected(self, engine, messages); },
            [=](caf::error& error) {
              without_connection(self, {ErrorCode::kUnavailable, self->system().render(error)});
            });
}

void wait_for_connection(client_pointer self, std::uint64_t id, const client_request_ptr& request) {
  auto& waiting = self->state.waiting;
  if (waiting.size() >= kClientWaitingMax) {
    return request->fail(
        {ErrorCode::kOverloaded, fmt::format("{} requests wait for a connection to {} already",
                                             waiting.size(), node_name(self))});
  }
  waiting.emplace(id, request);
  self->delayed_send(self, request->deadline().left(now()), tick_atom_v, id);
}

void submit(client_pointer self, const client_request_ptr& request) {
  auto& state = self->state;
  const auto under_way = state.sent.size() + state.waiting.size();
  if (under_way >= kClientInFlightMax) {
    return request->fail(
        {ErrorCode::kOverloaded, fmt::format("{} requests are under way already", under_way)});
  }
  const auto id = ++state.last_id;
  state.engine ? send(self, id, request) : wait_for_connection(self, id, request);
}

void stop_waiting(client_pointer self, std::uint64_t id) {
  const auto request = self->state.waiting.extract(id);
  if (request.empty()) return;
  request.mapped()->fail(
      {ErrorCode::kUnavailable,
       fmt::format("no connection to {}: {}", node_name(self), self->state.lost.detail)});
}

/// The network knows this actor and keeps it alive: only by quitting does it end.
void close(client_pointer self) {
  fail_sent(self->state.sent, "the client has been closed");
  fail_waiting(self->state.waiting, "the client has been closed");
  self->quit();
}

}  // namespace

caf::behavior client(client_pointer self, const Client::Options& options) {
  self->state.options = options;
  self->state.lost = {ErrorCode::kUnavailable, "still connecting"};
  self->set_exit_handler([=](caf::exit_msg&) { close(self); });
  self->set_down_handler([=](caf::down_msg& down) {
    if (!self->state.engine || down.source != self->state.engine.address()) return;
    without_connection(self, {ErrorCode::kUnavailable, self->system().render(down.reason)});
  });
  self->send(self, start_atom_v);
  return {
      [=](start_atom) { connect(self); },
      [=](const client_request_ptr& request) { submit(self, request); },
      [=](tick_atom, std::uint64_t id) { stop_waiting(self, id); },
  };
}

}  // namespace mosaic::actors
