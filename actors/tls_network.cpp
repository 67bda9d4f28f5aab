#include "actors/tls_network.hpp"

#include <fcntl.h>

#include <list>

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>

#include "actors/tls_scribe.hpp"
#include "base/failure.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

namespace net = caf::io::network;
using tls::TlsSocket;

net::default_multiplexer& multiplexer_of(caf::actor_system& system) {
  return static_cast<net::default_multiplexer&>(system.middleman().backend());
}

/// Shakes hands with those who connect, before CAF hears of them. On the multiplexer's thread.
class tls_doorman final : public net::doorman_impl {
 public:
  tls_doorman(net::default_multiplexer& multiplexer, net::native_socket socket,
              const tls::TlsContext& context)
      : doorman_impl(multiplexer, socket), context_(context) {}

  bool new_connection() override;
  void remove_from_loop() override;

 private:
  class stranger;

  void let_in(Descriptor socket, std::unique_ptr<TlsSocket> session);

  const tls::TlsContext context_;
  std::list<stranger*> strangers_;  ///< the oldest first
};

/// The multiplexer owns it, and knows it by a copy of the socket: the same socket is registered
/// again for the one that CAF gets.
class tls_doorman::stranger final : public net::event_handler {
 public:
  stranger(tls_doorman& door, Descriptor socket)
      : event_handler(door.acceptor_.backend(), ::fcntl(socket.file(), F_DUPFD_CLOEXEC, 0)),
        door_(&door),
        socket_(std::move(socket)),
        session_(std::make_unique<TlsSocket>(door.context_, TlsSocket::Side::kAccepting,
                                             socket_.file())) {
    if (fd() < 0) throw Failure(ErrorCode::kUnavailable, "no descriptor is free");
  }

  void wait() { activate(); }

  void send_away() {
    door_ = nullptr;
    const bool waits = eventbf() != 0;
    passivate();
    if (!waits) delete this;
  }

  void handle_event(net::operation what) override {
    if (door_ == nullptr) return;
    const auto turn = what == net::operation::read ? session_->shake_hands() : Turn::kFailed;
    if (turn == Turn::kWhenReadable) return;
    auto& door = *door_;
    door.strangers_.remove(this);
    // Little is said until then, so a socket that cannot be written is one that is not read from.
    if (turn == Turn::kDone) door.let_in(std::move(socket_), std::move(session_));
    send_away();
  }
  void removed_from_loop(net::operation) override { delete this; }
  void graceful_shutdown() override {}

 private:
  using Turn = TlsSocket::Turn;

  tls_doorman* door_;  ///< null: it has been sent away
  Descriptor socket_;
  std::unique_ptr<TlsSocket> session_;
};

bool tls_doorman::new_connection() {
  Descriptor socket(acceptor_.accepted_socket());
  if (detached()) return false;
  if (strangers_.size() >= kStrangersMax) {
    strangers_.front()->send_away();
    strangers_.pop_front();
  }
  const auto known = to_result([&] {
    auto newest = std::make_unique<stranger>(*this, std::move(socket));
    newest->wait();
    strangers_.push_back(newest.release());
  });
  if (!known) log::warn("nobody is let in: {}", known.error().detail);
  return true;
}

void tls_doorman::let_in(Descriptor socket, std::unique_ptr<TlsSocket> session) {
  if (detached()) return;
  auto& multiplexer = acceptor_.backend();
  auto scribe = caf::make_counted<tls_scribe>(multiplexer, std::move(socket), std::move(session));
  const auto handle = scribe->hdl();
  parent()->add_scribe(std::move(scribe));
  doorman::new_connection(&multiplexer, handle);
}

void tls_doorman::remove_from_loop() {
  doorman_impl::remove_from_loop();
  for (auto* one : std::exchange(strangers_, {})) one->send_away();
}

/// What opens ports; the rest is as without TLS.
class tls_middleman final : public caf::io::middleman_actor_impl {
 public:
  tls_middleman(caf::actor_config& config, caf::actor broker, const tls::TlsContext& context)
      : middleman_actor_impl(config, std::move(broker)), context_(context) {}

  const char* name() const override { return "tls_middleman"; }

 protected:
  caf::expected<caf::io::doorman_ptr> open(std::uint16_t port, const char* address,
                                           bool reuse) override {
    auto socket = net::new_tcp_acceptor_impl(port, address, reuse);
    if (!socket) return std::move(socket.error());
    return caf::make_counted<tls_doorman>(multiplexer_of(system()), *socket, context_);
  }

 private:
  const tls::TlsContext context_;
};

/// Begins and ends with the system.
class tls_network final : public caf::actor_system::module {
 public:
  tls_network(caf::actor_system& system, tls::TlsContext context)
      : system_(system), context_(std::move(context)) {}

  void start() override {
    const auto broker = system_.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
    middleman_ = caf::actor_cast<caf::actor>(
        system_.spawn<tls_middleman, caf::detached + caf::hidden>(broker, context_));
  }
  void stop() override {
    caf::scoped_actor self{system_, true};
    self->send_exit(middleman_, caf::exit_reason::kill);
    self->wait_for(middleman_);
    middleman_ = nullptr;
  }
  void init(caf::actor_system_config&) override {}
  id_t id() const override { return openssl_manager; }
  void* subtype_ptr() override { return this; }

  const caf::actor& middleman() const { return middleman_; }
  const tls::TlsContext& context() const { return context_; }

 private:
  caf::actor_system& system_;
  const tls::TlsContext context_;
  caf::actor middleman_;
};

const tls_network* module_of(caf::actor_system& system) {
  if (!system.has_openssl_manager()) return nullptr;
  // CAF gives what subtype_ptr() is, by the name of its own module.
  return &reinterpret_cast<tls_network&>(system.openssl_manager());
}

}  // namespace

void add_tls_network(caf::actor_system_config& config, tls::TlsContext context) {
  config.module_factories.push_back(
      [context = std::move(context)](caf::actor_system& system) -> caf::actor_system::module* {
        return new tls_network(system, context);
      });
}

caf::actor tls_network_of(caf::actor_system& system) {
  const auto* module = module_of(system);
  return module == nullptr ? nullptr : module->middleman();
}

const tls::TlsContext* tls_context_of(caf::actor_system& system) {
  const auto* module = module_of(system);
  return module == nullptr ? nullptr : &module->context();
}

}  // namespace mosaic::actors
