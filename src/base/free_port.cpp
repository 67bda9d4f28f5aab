#include "base/free_port.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace mosaic {
namespace {

Error none(const std::string& host, std::string_view why) {
  return {ErrorCode::kUnavailable, fmt::format("no port is free at '{}': {}", host, why)};
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
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return none(host, std::strerror(errno));
  sockaddr_in at{};
  socklen_t size = sizeof at;
  const bool bound = ::bind(socket, list->ai_addr, list->ai_addrlen) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  const int reason = errno;
  ::close(socket);
  if (!bound) return none(host, std::strerror(reason));
  return ntohs(at.sin_port);
}

}  // namespace mosaic
