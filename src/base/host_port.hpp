// Addresses as HOST:PORT, and which of them only this machine reaches. Pure: no name is looked up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mosaic {

struct HostPort {
  std::string host;  ///< an IPv6 address without its brackets
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// None when `text` is not HOST:PORT with a port from 0 to 65535. An IPv6 host stands in brackets.
std::optional<HostPort> parse_host_port(std::string_view text);

/// Whether `text` can be a host: letters, digits, '.', '-' and '_', or an IPv6 address in brackets.
bool is_host(std::string_view text);

/// Whether only this machine reaches `host`: localhost, 127.0.0.0/8 or ::1, with or without
/// brackets. Other names count as reached by all: what they mean may change.
bool is_loopback(std::string_view host);

}  // namespace mosaic
