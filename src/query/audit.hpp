// How much of the exact answer by vector an answer held (recall). Pure.
#pragma once

#include <vector>

#include "query/candidate.hpp"

namespace mosaic::query {

/// `found` and `exact`: the k nearest by vector, nearest first, one from the index and one from a
/// scan of all vectors in the same state. A candidate counts as found when it is among the exact
/// ones, or no farther than the last of them: of several that are equally near any will do.
Audit audit(const std::vector<Candidate>& found, const std::vector<Candidate>& exact);

}  // namespace mosaic::query
