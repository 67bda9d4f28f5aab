#include "actors/publish.hpp"

#include <chrono>
#include <thread>

#include <fmt/format.h>

namespace mosaic::actors {
namespace {

constexpr std::chrono::seconds kPublishPatience{5};
/// A port that was closed is free a moment later.
constexpr std::chrono::milliseconds kPortPause{10};
constexpr std::chrono::seconds kPortPatience{2};

}  // namespace

Result<std::uint16_t> actor_port::open(const caf::strong_actor_ptr& actor, const messages& known,
                                       const endpoint& at) {
  caf::scoped_actor self{system_};
  Result<std::uint16_t> port = Error{};
  self->request(network_of(system_, network_), kPublishPatience, caf::publish_atom::value, at.port,
                actor, known, at.host, true)
      .receive([&](std::uint16_t opened) { port = opened; },
               [&](caf::error& error) {
                 port = Error{ErrorCode::kUnavailable,
                              fmt::format("cannot listen on '{}' for {}: {}", listen_, whom_,
                                          system_.render(error))};
               });
  return port;
}

void actor_port::close() {
  caf::scoped_actor self{system_};
  self->request(network_of(system_, network_), kPublishPatience, caf::close_atom::value, port_)
      .receive([] {}, [](caf::error&) {});  // Nothing is published there: all the better.
}

Result<std::uint16_t> actor_port::publish(const caf::strong_actor_ptr& actor,
                                          const messages& known) {
  auto at = parse_endpoint(listen_);
  if (!at) return at.error();
  if (port_ == 0) {
    const auto opened = open(actor, known, *at);
    if (opened) port_ = *opened;
    return opened;
  }
  close();
  at->port = port_;
  const auto give_up = std::chrono::steady_clock::now() + kPortPatience;
  for (;;) {
    auto opened = open(actor, known, *at);
    if (opened || std::chrono::steady_clock::now() >= give_up) return opened;
    std::this_thread::sleep_for(kPortPause);
  }
}

}  // namespace mosaic::actors
