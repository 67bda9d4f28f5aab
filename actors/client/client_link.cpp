#include "actors/client/client_link.hpp"

#include <fmt/format.h>

namespace mosaic::actors {

std::string client_link::name() const {
  return fmt::format("{}:{}", node.host, node.port);
}

std::size_t next_link(const std::vector<client_link>& links, std::size_t place, TimePoint now) {
  auto soonest = (place + 1) % links.size();
  for (std::size_t step = 1; step <= links.size(); ++step) {
    const auto at = (place + step) % links.size();
    if (links[at].may_be_asked(now)) return at;
    if (links[at].rests_until < links[soonest].rests_until) soonest = at;
  }
  return soonest;
}

std::optional<std::size_t> choose_link(const std::vector<client_link>& links, std::size_t current,
                                       const client_request& request, TimePoint now) {
  const auto& refused = request.refusals.nodes;
  if (refused.empty()) return current;
  for (std::size_t step = 0; step < links.size(); ++step) {
    const auto at = (current + step) % links.size();
    if (!refused.contains(at) && links[at].may_be_asked(now)) return at;
  }
  return std::nullopt;
}

std::string why_lost(const std::vector<client_link>& links) {
  std::string why;
  for (const auto& link : links) {
    if (link.engine) continue;
    if (!why.empty()) why += "; ";
    why += fmt::format("no connection to {}: {}", link.name(), link.lost);
  }
  return why;
}

}  // namespace mosaic::actors
