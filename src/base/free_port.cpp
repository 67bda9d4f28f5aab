#include "base/free_port.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "base/descriptor.hpp"

namespace mosaic {
namespace {

Error none(const std::string& host, std::string_view why) {
  return {ErrorCode::kUnavailable, fmt::format("no port is free at '{}': {}", host, why)};
}

Descriptor open_socket() {
  return Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

/// Listens at `at`, and tells which port that came to be.
bool listen_at(const Descriptor& socket, sockaddr_in& at) {
  const int yes = 1;
  socklen_t size = sizeof at;
  auto* address = reinterpret_cast<sockaddr*>(&at);
  return ::setsockopt(socket.file(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
         ::bind(socket.file(), address, size) == 0 && ::listen(socket.file(), 1) == 0 &&
         ::getsockname(socket.file(), address, &size) == 0;
}

/// A connection to the port that the listening side ends first: of it TIME-WAIT (RFC 9293, 3.6.1)
/// stays there.
bool leave_trace(const Descriptor& listening, const sockaddr_in& at) {
  const auto client = open_socket();
  if (::connect(client.file(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    return false;
  const Descriptor server(::accept4(listening.file(), nullptr, nullptr, SOCK_CLOEXEC));
  return server.file() >= 0;
}

}  // namespace

Result<std::uint16_t> free_port(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), "0", &wanted, &found); failed != 0)
    return none(host, ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
  auto at = *reinterpret_cast<const sockaddr_in*>(list->ai_addr);
  const auto socket = open_socket();
  if (!listen_at(socket, at) || !leave_trace(socket, at)) return none(host, std::strerror(errno));
  return ntohs(at.sin_port);
}

}  // namespace mosaic
