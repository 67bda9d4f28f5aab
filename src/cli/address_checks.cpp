#include "cli/address_checks.hpp"

#include <algorithm>
#include <charconv>

#include "base/host_port.hpp"

namespace mosaic::cli {

Status check_listen(std::string_view text) {
  const auto is_outside = [](unsigned char c) { return c <= 0x20 || c == 0x7f; };
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && colon != 0 &&
      std::none_of(text.begin(), text.end(), is_outside)) {
    const auto port = text.substr(colon + 1);
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error == std::errc{} && end == port.data() + port.size()) return {};
  }
  return invalid("must be HOST:PORT with a port from 0 to 65535");
}

Status check_listen_if_any(std::string_view text) {
  return text.empty() ? Status() : check_listen(text);
}

Status check_host_if_any(std::string_view text) {
  if (text.empty() || is_host(text)) return {};
  return invalid("must be empty or a host without a port; an IPv6 address in brackets");
}

Status check_node_address(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.substr(0, kScheme.size()) == kScheme) text.remove_prefix(kScheme.size());
  const auto address = parse_host_port(text);
  if (address && address->port != 0) return {};
  return invalid("must be HOST:PORT or http://HOST:PORT with a port from 1 to 65535");
}

}  // namespace mosaic::cli
