#include "tls/certificate_names.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include <fmt/format.h>

#include "tls/authority.hpp"

namespace mosaic::tls {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// What a host may be called, an underscore included: those of containers have some. Nothing in it
/// means anything to OpenSSL's configuration language.
bool is_plain(std::string_view text) {
  return !text.empty() && is_letter_or_digit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

Status check_name(std::string_view name) {
  if (name.size() > kNameBytesMax) {
    return invalid(
        fmt::format("a name of {} bytes; at most {} are allowed", name.size(), kNameBytesMax));
  }
  if (!is_plain(name)) {
    return invalid(
        fmt::format("name '{}' must be of letters, digits, '-', '_' and '.', and begin "
                    "with a letter or a digit",
                    name));
  }
  if (name == "ca" || name.ends_with("-key"))
    return invalid(
        fmt::format("name '{}' would give a file the name of a key or of the authority", name));
  return {};
}

Result<std::string> alternative_names(std::string_view name,
                                      const std::vector<std::string>& hosts) {
  if (hosts.size() > kHostsMax)
    return invalid(fmt::format("{} hosts; at most {} are allowed", hosts.size(), kHostsMax));
  std::vector<std::string> names;
  const auto add = [&](const std::string& host) {
    auto one = (is_address(host) ? "IP:" : "DNS:") + host;
    if (std::find(names.begin(), names.end(), one) == names.end()) names.push_back(std::move(one));
  };
  add(std::string(name));
  for (const auto& host : hosts) {
    if (!is_address(host) && (host.size() > kHostBytesMax || !is_plain(host)))
      return invalid(fmt::format("host '{}' is neither a name nor an IP address", host));
    add(host);
  }
  return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace mosaic::tls
