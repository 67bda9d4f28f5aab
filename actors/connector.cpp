#include "actors/connector.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>

#include "actors/tls_network.hpp"
#include "actors/tls_scribe.hpp"
#include "base/failure.hpp"
#include "net/tcp_connect.hpp"

namespace mosaic::actors {
namespace {

using tls::TlsSocket;

class connector final : public caf::io::middleman_actor_impl {
 public:
  connector(caf::actor_config& config, caf::actor broker, const tls::TlsContext* context,
            std::chrono::milliseconds patience, const caf::actor_addr& asker)
      : middleman_actor_impl(config, std::move(broker)), context_(context), patience_(patience) {
    // Where the system ends, nobody answers for the other side any more.
    set_down_handler([this](caf::down_msg&) { quit(); });
    monitor(asker);
  }

  const char* name() const override { return "connector"; }

 protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host, std::uint16_t port) override {
    auto made = to_result([&] { return scribe_to(host, port); });
    if (made) return *std::move(made);
    return caf::make_error(caf::sec::cannot_connect_to_node, made.error().detail, host, port);
  }

 private:
  caf::io::scribe_ptr scribe_to(const std::string& host, std::uint16_t port) {
    auto& multiplexer =
        static_cast<caf::io::network::default_multiplexer&>(system().middleman().backend());
    auto socket = or_throw(net::connect_tcp(host, port, patience_));
    if (context_ == nullptr) return multiplexer.new_scribe(socket.release());
    auto session =
        std::make_unique<TlsSocket>(*context_, TlsSocket::Side::kConnecting, socket.file());
    if (const auto shaken = session->shake_hands_within(kHandshakeTimeout); !shaken)
      throw Failure(shaken.error());
    return caf::make_counted<tls_scribe>(multiplexer, std::move(socket), std::move(session));
  }

  const tls::TlsContext* context_;  ///< null: without TLS
  std::chrono::milliseconds patience_;
};

}  // namespace

caf::actor make_connector(caf::actor_system& system, network which,
                          std::chrono::milliseconds patience, const caf::actor_addr& asker) {
  // The broker is the middleman's own, so all connections are the system's.
  const auto broker = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  const auto* context = which == network::for_nodes ? tls_context_of(system) : nullptr;
  return caf::actor_cast<caf::actor>(
      system.spawn<connector, caf::detached + caf::hidden>(broker, context, patience, asker));
}

Result<peer_actor> as_peer(caf::actor_system& system, const caf::strong_actor_ptr& found,
                           const std::set<std::string>& messages) {
  if (!found) return Error{ErrorCode::kUnavailable, "no node is there"};
  if (!system.assignable(messages, system.message_types<peer_actor>()))
    return Error{ErrorCode::kUnavailable, "what is there speaks another version's protocol"};
  return caf::actor_cast<peer_actor>(found);
}

Result<peer_actor> connect_peer(caf::actor_system& system, const std::string& address,
                                std::chrono::milliseconds timeout) {
  const auto at = parse_endpoint(address);
  if (!at) return at.error();
  Result<peer_actor> peer = Error{};
  caf::scoped_actor self{system};
  const auto connector = make_connector(system, network::for_nodes, timeout, self->address());
  self->request(connector, timeout, caf::connect_atom::value, at->host, at->port)
      .receive(
          [&](const caf::node_id&, const caf::strong_actor_ptr& found,
              const std::set<std::string>& messages) { peer = as_peer(system, found, messages); },
          [&](caf::error& error) {
            peer = Error{ErrorCode::kUnavailable, system.render(error)};
          });
  return peer;
}

}  // namespace mosaic::actors
