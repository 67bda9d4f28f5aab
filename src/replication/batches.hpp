// Which entries, of those that are proposed together, one collection takes over together. The
// leader decides it and the log carries it, so that all nodes come through the same states: only so
// can a search ask shards on several nodes for one.
#pragma once

#include <vector>

#include "replication/log.hpp"

namespace mosaic::replication {

/// What one group of entries may take before it ends.
constexpr std::size_t kApplyGroupBytesMax = 4 << 20;

/// Sets Proposal::goes_on.
void mark_batches(std::vector<Proposal>& proposals);

}  // namespace mosaic::replication
