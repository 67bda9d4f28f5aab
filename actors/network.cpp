#include "actors/network.hpp"

#include <fmt/format.h>
#include <caf/io/middleman.hpp>

#include "actors/tls_network.hpp"

namespace mosaic::actors {

Result<endpoint> parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::string() : text.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoul(port) > 65'535 || colon == 0)
    return invalid(fmt::format("address '{}' is not HOST:PORT", text));
  auto host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return endpoint{std::move(host), static_cast<std::uint16_t>(std::stoul(port))};
}

caf::actor network_of(caf::actor_system& system, network which) {
  auto by_tls = which == network::for_nodes ? tls_network_of(system) : nullptr;
  return by_tls ? by_tls : caf::actor_cast<caf::actor>(system.middleman().actor_handle());
}

void add_network(caf::actor_system_config& config) {
  config.load<caf::io::middleman>();
  config.set("middleman.heartbeat-interval", caf::timespan(kHeartbeatInterval));
  config.set("middleman.connection-timeout", caf::timespan(kSilenceMax));
  // Messages are small: reading one takes less than handing it to another thread.
  config.set("middleman.workers", std::size_t{0});
  // Or peers would open ports of their own, on every interface, to reach each other directly.
  config.set("middleman.enable-automatic-connections", false);
}

}  // namespace mosaic::actors
