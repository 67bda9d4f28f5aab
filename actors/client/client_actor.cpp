#include "actors/client/client_actor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <caf/io/middleman.hpp>
#include "actors/connector.hpp"

namespace mosaic::actors {
namespace {

void route(client_pointer self, const client_request_ptr& request);

TimePoint now() {
  return std::chrono::steady_clock::now();
}

void show(client_state& state) {
  *state.shown = state.links[state.current].engine ? state.current : kNoLink;
}

void connect(client_pointer self, std::size_t place) {
  auto& link = self->state.links[place];
  if (link.engine || std::exchange(link.connecting, true)) return;
  self->delayed_send(self, Deadline{link.rests_until}.left(now()), start_atom_v, place);
}

/// There is no connection, whether or not there was one: what is with this node goes to the next.
void lose(client_pointer self, std::size_t place, std::string why) {
  auto& state = self->state;
  auto& link = state.links[place];
  link.engine = nullptr;
  link.connecting = false;
  link.lost = std::move(why);
  link.rests_until = now() + link.policy.crashed(now()).after;
  if (state.current == place) state.current = next_link(state.links, place, now());
  show(state);
  connect(self, state.current);
  auto orphans = std::exchange(link.sent, {});
  for (const auto& [stay, request] : orphans) request->lose_answer();
  orphans.merge(std::exchange(link.waiting, {}));
  for (const auto& [stay, request] : orphans) route(self, request);
}

/// No node of this round could do it.
void end_round(client_pointer self, const client_request_ptr& request) {
  if (!request->writes() || request->deadline().left(now()) <= kClientRoundPause)
    return request->fail(*request->refusals.last);
  request->refusals.nodes.clear();
  const auto stay = ++self->state.last_stay;
  self->state.resting.emplace(stay, request);
  self->delayed_send(self, kClientRoundPause, step_atom_v, stay);
}

/// Whether another node, or another time, may bring more than `error`.
bool is_worth_asking_again(const client_request& request, ErrorCode error) {
  if (error == ErrorCode::kUnavailable) return true;
  if (!request.writes()) return false;
  // The node does not know what came of it, or it did not even look.
  return error == ErrorCode::kDeadlineExceeded ||
         (error == ErrorCode::kOverloaded && request.lost_answer());
}

void refused(client_pointer self, std::size_t place, const client_request_ptr& request,
             Error error) {
  if (!is_worth_asking_again(*request, error.code)) return request->fail(std::move(error));
  request->refusals.nodes.insert(place);
  request->refusals.last = std::move(error);
  route(self, request);
}

/// The node's own errors are answers; CAF's tell only that there is none.
void ended(client_pointer self, std::size_t place, std::uint64_t stay, const caf::error* error) {
  auto& link = self->state.links[place];
  const auto sent = link.sent.find(stay);
  if (sent == link.sent.end()) return;  // It was sent again meanwhile.
  const bool answered = !error || error->category() == caf::atom("mosaic");
  if (!answered && *error != caf::sec::request_timeout)
    return lose(self, place, "it did not answer: " + self->system().render(*error));
  const auto request = sent->second;
  link.sent.erase(sent);
  if (answered) {
    if (error) refused(self, place, request, from_caf(*error));
    return;
  }
  request->lose_answer();
  request->fail({ErrorCode::kDeadlineExceeded, "the node did not answer in time"});
}

void send(client_pointer self, std::size_t place, const client_request_ptr& request) {
  auto& link = self->state.links[place];
  const auto stay = ++self->state.last_stay;
  link.sent.emplace(stay, request);
  request->send(self, link.engine,
                [=](const caf::error* error) { ended(self, place, stay, error); });
}

void wait_for_connection(client_pointer self, std::size_t place,
                         const client_request_ptr& request) {
  const auto stay = ++self->state.last_stay;
  self->state.links[place].waiting.emplace(stay, request);
  self->delayed_send(self, request->deadline().left(now()), tick_atom_v, place, stay);
  connect(self, place);
}

/// Of a request that nobody has time for any more.
Error out_of_time(const client_state& state, const client_request& request) {
  if (request.refusals.last) return *request.refusals.last;
  if (!state.links[state.current].engine) return {ErrorCode::kUnavailable, why_lost(state.links)};
  return {ErrorCode::kDeadlineExceeded, "no time was left to send the request"};
}

/// To the node that is to carry it out.
void route(client_pointer self, const client_request_ptr& request) {
  auto& state = self->state;
  if (request->over()) return;  // An answer has come after all.
  if (request->deadline().passed(now())) return request->fail(out_of_time(state, *request));
  const auto place = choose_link(state.links, state.current, *request, now());
  if (!place) return end_round(self, request);
  state.links[*place].engine ? send(self, *place, request)
                             : wait_for_connection(self, *place, request);
}

void connected(client_pointer self, std::size_t place, const caf::strong_actor_ptr& engine,
               const std::set<std::string>& messages) {
  auto& system = self->system();
  if (!engine) return lose(self, place, "no engine is there");
  if (!system.assignable(messages, system.message_types<engine_actor>()))
    return lose(self, place, "the engine there speaks another version's protocol");
  auto& link = self->state.links[place];
  link.connecting = false;
  link.engine = caf::actor_cast<engine_actor>(engine);
  self->monitor(link.engine);
  show(self->state);
  for (const auto& [stay, request] : std::exchange(link.waiting, {})) route(self, request);
}

/// The connector's answer may be late, but nobody waits for it here.
void try_to_connect(client_pointer self, std::size_t place) {
  const auto& link = self->state.links[place];
  const auto patience = self->state.connect_timeout;
  const auto connector =
      make_connector(self->system(), network::for_clients, patience, self->address());
  self->request(connector, patience, caf::connect_atom::value, link.node.host, link.node.port)
      .then(
          [=, held = connector](const caf::node_id&, const caf::strong_actor_ptr& engine,
                                const std::set<std::string>& messages) {
            connected(self, place, engine, messages);
          },
          [=](caf::error& error) { lose(self, place, self->system().render(error)); });
}

/// All that is under way, and what of it has not been sent yet.
std::pair<std::size_t, std::size_t> count_requests(const client_state& state) {
  std::size_t under_way = state.resting.size();
  std::size_t unsent = 0;
  for (const auto& link : state.links) {
    under_way += link.sent.size() + link.waiting.size();
    unsent += std::count_if(link.waiting.begin(), link.waiting.end(),
                            [](const auto& entry) { return !entry.second->lost_answer(); });
  }
  return {under_way, unsent};
}

Status admit(const client_state& state) {
  if (state.links.empty()) return invalid("nodes is empty, so there is nobody to ask");
  const auto [under_way, unsent] = count_requests(state);
  if (under_way >= kClientInFlightMax) {
    return Error{ErrorCode::kOverloaded,
                 fmt::format("{} requests are under way already", under_way)};
  }
  if (unsent >= kClientWaitingMax && !state.links[state.current].engine) {
    return Error{ErrorCode::kOverloaded,
                 fmt::format("{} requests wait for a connection to {} already", unsent,
                             state.links[state.current].name())};
  }
  return {};
}

void submit(client_pointer self, const client_request_ptr& request) {
  if (const auto admitted = admit(self->state); !admitted) return request->fail(admitted.error());
  route(self, request);
}

void stop_waiting(client_pointer self, std::size_t place, std::uint64_t stay) {
  const auto request = self->state.links[place].waiting.extract(stay);
  if (request.empty()) return;
  request.mapped()->fail(out_of_time(self->state, *request.mapped()));
}

void go_round_again(client_pointer self, std::uint64_t stay) {
  const auto request = self->state.resting.extract(stay);
  if (!request.empty()) route(self, request.mapped());
}

void down(client_pointer self, const caf::down_msg& message) {
  const auto& links = self->state.links;
  for (std::size_t place = 0; place < links.size(); ++place) {
    if (links[place].engine && links[place].engine.address() == message.source)
      lose(self, place, "it broke: " + self->system().render(message.reason));
  }
}

/// The network knows this actor and keeps it alive: only by quitting does it end.
void close(client_pointer self) {
  const Error closed{ErrorCode::kUnavailable, "the client has been closed"};
  for (auto& link : self->state.links) {
    for (const auto& [stay, request] : link.sent) request->lose_answer();
    link.sent.merge(link.waiting);
    for (const auto& [stay, request] : std::exchange(link.sent, {})) request->fail(closed);
  }
  for (const auto& [stay, request] : std::exchange(self->state.resting, {})) request->fail(closed);
  self->quit();
}

}  // namespace

caf::behavior client(client_pointer self, const Client::Options& options,
                     const client_place& shown) {
  auto& state = self->state;
  state.connect_timeout = options.connect_timeout;
  state.shown = shown;
  for (const auto& node : options.nodes) {
    auto& link = state.links.emplace_back();
    link.node = node;
  }
  self->set_exit_handler([=](caf::exit_msg&) { close(self); });
  self->set_down_handler([=](caf::down_msg& message) { down(self, message); });
  if (!state.links.empty()) connect(self, 0);
  return {
      [=](start_atom, std::size_t place) { try_to_connect(self, place); },
      [=](const client_request_ptr& request) { submit(self, request); },
      [=](tick_atom, std::size_t place, std::uint64_t stay) { stop_waiting(self, place, stay); },
      [=](step_atom, std::uint64_t stay) { go_round_again(self, stay); },
  };
}

}  // namespace mosaic::actors
