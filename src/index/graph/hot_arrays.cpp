#include "index/graph/hot_arrays.hpp"

#include <algorithm>
#include <cstring>

namespace mosaic::index {
namespace {

/// A block is copied first and verified then: what was compared is what is served.
bool copy(const VerifiedBytes& from, std::byte* to, const std::atomic<bool>& stop) {
  for (std::size_t begin = 0; begin < from.size() && !stop; begin += kVerifiedBlock) {
    const auto bytes = std::min(kVerifiedBlock, from.size() - begin);
    std::memcpy(to + begin, from.data() + begin, bytes);
    if (!from.is_block(begin / kVerifiedBlock, {to + begin, bytes})) return false;
  }
  return true;
}

bool links_lead_to_nodes(const GraphFile& file, const std::byte* links) {
  const std::size_t degree = 2 * file.parameters().m;
  for (std::size_t node = 0; node < file.nodes(); ++node) {
    const auto* places = reinterpret_cast<const Node*>(links + node * file.link_stride());
    const auto leads = [&](Node link) { return link < file.nodes() || link == kNoNode; };
    if (!std::all_of(places, places + degree, leads)) return false;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<const HotArrays>> HotArrays::load(const GraphFile& file,
                                                         const std::atomic<bool>& stop) {
  std::unique_ptr<HotArrays> hot(new HotArrays(file.links().size(), file.codes().size()));
  if (!copy(file.links(), hot->links_.data(), stop) ||
      !copy(file.codes(), hot->codes_.data(), stop) ||
      !links_lead_to_nodes(file, hot->links_.data())) {
    return Error{ErrorCode::kCorruptData, "links or codes of the index file are damaged"};
  }
  if (stop) return std::unique_ptr<const HotArrays>();
  return std::unique_ptr<const HotArrays>(std::move(hot));
}

}  // namespace mosaic::index
