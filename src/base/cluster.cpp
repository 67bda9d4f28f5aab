#include "mosaic/cluster.hpp"

#include <array>

namespace mosaic {
namespace {

constexpr std::array<std::string_view, 3> kRoles = {"leader", "voter", "follower"};
constexpr std::array<std::string_view, 4> kStates = {"up", "down", "joining", "leaving"};

}  // namespace

std::string_view to_string(NodeRole role) {
  return kRoles[static_cast<std::size_t>(role)];
}
std::string_view to_string(NodeState state) {
  return kStates[static_cast<std::size_t>(state)];
}

}  // namespace mosaic
