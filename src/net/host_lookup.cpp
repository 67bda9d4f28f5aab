#include "net/host_lookup.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <system_error>
#include <thread>

namespace mosaic::net {
namespace {

using Addresses = Result<std::vector<std::string>>;

Addresses resolve(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("cannot resolve '{}': {}", host, gai_strerror(code))};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<std::string> found;
  for (const auto* each = list; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      found.emplace_back(text.data());
    }
  }
  return found;
}

Result<std::future<Addresses>> resolve_elsewhere(const std::string& host) {
  std::promise<Addresses> promise;
  auto pending = promise.get_future();
  try {
    std::thread([host, promise = std::move(promise)]() mutable {
      promise.set_value(resolve(host, 0));
    }).detach();
  } catch (const std::system_error& error) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("cannot resolve '{}': {}", host, error.what())};
  }
  return pending;
}

}  // namespace

Result<std::vector<std::string>> HostLookup::addresses(std::chrono::milliseconds limit) {
  auto numeric = resolve(host_, AI_NUMERICHOST);
  if (numeric) return numeric;
  if (!pending_.valid()) {
    auto started = resolve_elsewhere(host_);
    if (!started) return started.error();
    pending_ = std::move(*started);
  }
  if (pending_.wait_for(limit) == std::future_status::ready) return pending_.get();
  return Error{ErrorCode::kDeadlineExceeded,
               fmt::format("cannot resolve '{}' within {} ms", host_, limit.count())};
}

}  // namespace mosaic::net
