#include "actors/publish.hpp"

#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <caf/io/middleman.hpp>

namespace mosaic::actors {
namespace {

constexpr std::chrono::seconds kPublishPatience{5};
/// A port that was closed is free a moment later.
constexpr std::chrono::milliseconds kPortPause{10};
constexpr std::chrono::seconds kPortPatience{2};

}  // namespace

Result<std::uint16_t> engine_port::open(const engine_actor& engine, const endpoint& at) {
  caf::scoped_actor self{system_};
  Result<std::uint16_t> port = Error{};
  self->request(system_.middleman().actor_handle(), kPublishPatience, caf::publish_atom::value,
                at.port, caf::actor_cast<caf::strong_actor_ptr>(engine),
                system_.message_types<engine_actor>(), at.host, true)
      .receive([&](std::uint16_t opened) { port = opened; },
               [&](caf::error& error) {
                 port = Error{ErrorCode::kUnavailable,
                              fmt::format("cannot listen on '{}' for CAF clients: {}", listen_,
                                          system_.render(error))};
               });
  return port;
}

void engine_port::close() {
  caf::scoped_actor self{system_};
  self->request(system_.middleman().actor_handle(), kPublishPatience, caf::close_atom::value, port_)
      .receive([] {}, [](caf::error&) {});  // Nothing is published there: all the better.
}

Result<std::uint16_t> engine_port::publish(const engine_actor& engine) {
  auto at = parse_endpoint(listen_);
  if (!at) return at.error();
  if (port_ == 0) {
    const auto opened = open(engine, *at);
    if (opened) port_ = *opened;
    return opened;
  }
  close();
  at->port = port_;
  const auto give_up = std::chrono::steady_clock::now() + kPortPatience;
  for (;;) {
    auto opened = open(engine, *at);
    if (opened || std::chrono::steady_clock::now() >= give_up) return opened;
    std::this_thread::sleep_for(kPortPause);
  }
}

}  // namespace mosaic::actors
