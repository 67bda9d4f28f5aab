#include "net/tcp_connect.hpp"

#include <fcntl.h>

#include <algorithm>
#include <memory>
#include <new>

#include <fmt/format.h>

#include "net/curl_parts.hpp"

namespace mosaic::net {
namespace {

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("http://[{}]:{}", host, port)
                 : fmt::format("http://{}:{}", host, port);
}

void set_up(CURL* curl, const std::string& url, std::chrono::milliseconds patience) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // 0 would be libcurl's own five minutes.
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   std::max(1L, static_cast<long>(patience.count())));
  // A resolver that is still at work is not waited for.
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
}

}  // namespace

Result<Descriptor> connect_tcp(const std::string& host, std::uint16_t port,
                               std::chrono::milliseconds patience) {
  initialise_curl();
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  if (!curl) throw std::bad_alloc();
  char message[CURL_ERROR_SIZE] = "";
  const auto url = url_of(host, port);
  set_up(curl.get(), url, patience);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, message);
  if (const auto code = curl_easy_perform(curl.get()); code != CURLE_OK)
    return transfer_error(curl.get(), code, message, {fmt::format("{}:{}", host, port), host});
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(curl.get(), CURLINFO_ACTIVESOCKET, &socket);
  // libcurl closes its own.
  Descriptor connected(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (connected.file() < 0) return Error{ErrorCode::kUnavailable, "no descriptor is free"};
  return connected;
}

}  // namespace mosaic::net
