#include "replication/batches.hpp"

#include <map>

namespace mosaic::replication {

void mark_batches(std::vector<Proposal>& proposals) {
  struct Open {
    Proposal* last = nullptr;
    std::size_t bytes = 0;
  };
  std::map<CollectionId, Open> open;
  for (auto& proposal : proposals) {
    auto& batch = open[proposal.collection];
    if (batch.last != nullptr && batch.bytes < kApplyGroupBytesMax) {
      batch.last->goes_on = true;
    } else {
      batch.bytes = 0;
    }
    batch.bytes += proposal.bytes.size();
    batch.last = &proposal;
  }
}

}  // namespace mosaic::replication
