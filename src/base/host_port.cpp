#include "base/host_port.hpp"

#include <algorithm>
#include <charconv>

namespace mosaic {
namespace {

constexpr std::size_t kHostBytes = 253;  // RFC 1035, section 2.3.4

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool is_bracketed(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']';
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_in(std::string_view allowed, std::string_view text) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || allowed.find(c) != std::string_view::npos;
  });
}

/// Four numbers: 127.example.com is anybody's.
bool is_loopback_v4(std::string_view host) {
  for (int part = 0; part < 4; ++part) {
    const auto dot = part < 3 ? host.find('.') : host.size();
    std::uint8_t number = 0;
    if (dot == std::string_view::npos || !read_number(host.substr(0, dot), number)) return false;
    if (part == 0 && number != 127) return false;
    host.remove_prefix(std::min(dot + 1, host.size()));
  }
  return true;
}

}  // namespace

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > kHostBytes) return false;
  return is_bracketed(text) ? is_in(":.%", text.substr(1, text.size() - 2)) : is_in("._-", text);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  std::uint16_t port = 0;
  if (!is_host(host) || !read_number(text.substr(colon + 1), port)) return std::nullopt;
  if (is_bracketed(host)) host = host.substr(1, host.size() - 2);
  return HostPort{std::string(host), port};
}

bool is_loopback(std::string_view host) {
  if (is_bracketed(host)) host = host.substr(1, host.size() - 2);
  return host == "localhost" || host == "::1" || is_loopback_v4(host);
}

}  // namespace mosaic
