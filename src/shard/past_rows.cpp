#include "shard/past_rows.hpp"

#include <algorithm>

namespace mosaic::shard {

std::shared_ptr<const RowSet> PastRows::live(const storage::Past& past,
                                             storage::PastReader& reader) {
  if (auto known = find(past.seq)) return known;
  // Nobody waits for the lock meanwhile; two who ask for the same state at once both look.
  auto rows = std::make_shared<const RowSet>(reader.live(past));
  const std::lock_guard lock(mutex_);
  states_.emplace_front(past.seq, rows);
  if (states_.size() > kPastStatesMax) states_.pop_back();
  return rows;
}

std::shared_ptr<const RowSet> PastRows::find(Seq seq) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(states_.begin(), states_.end(),
                                  [&](const State& state) { return state.first == seq; });
  if (known == states_.end()) return nullptr;
  states_.splice(states_.begin(), states_, known);
  return states_.front().second;
}

}  // namespace mosaic::shard
