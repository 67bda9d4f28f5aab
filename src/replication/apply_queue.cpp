#include "replication/apply_queue.hpp"

#include <algorithm>

namespace mosaic::replication {

void end_group(std::vector<Entry>& entries) {
  const auto last = std::find_if(entries.begin(), entries.end(),
                                 [](const Entry& entry) { return ends_group(entry.kind); });
  if (last != entries.end()) entries.erase(last + 1, entries.end());
}

ApplyActions ApplyQueue::committed(Entry entry) {
  ApplyActions actions;
  waiting_bytes_ += entry.bytes->size();
  newest_.push_back(entry.seq);
  forget_applied();
  waiting_.push_back(std::move(entry));
  advance(actions);
  return actions;
}

ApplyActions ApplyQueue::applied(ShardId id, Seq seq) {
  ApplyActions actions;
  auto& shard = at(id);
  if (shard.state == State::kDown) return actions;
  shard.applied = std::max(shard.applied, seq);
  forget_applied();
  if (shard.state == State::kCatchingUp && shard.applied < handed_out_) {
    actions.catch_up.push_back({id, shard.applied, handed_out_});
    return actions;
  }
  become(shard, State::kLevel);
  advance(actions);
  return actions;
}

ApplyActions ApplyQueue::shard_up(ShardId id, Seq seq) {
  ApplyActions actions;
  auto& shard = at(id);
  shard.applied = seq;
  forget_applied();
  // After the log was cut, only the shards remember how far the collection has come.
  handed_out_ = std::max(handed_out_, seq);
  if (seq < handed_out_) {
    shard.state = State::kCatchingUp;
    actions.catch_up.push_back({id, seq, handed_out_});
    return actions;
  }
  become(shard, State::kLevel);
  advance(actions);
  return actions;
}

ApplyActions ApplyQueue::shard_down(ShardId id) {
  ApplyActions actions;
  become(at(id), State::kDown);
  advance(actions);
  return actions;
}

void ApplyQueue::become(Shard& shard, State state) {
  shard.state = state;
  shard.fresh = false;
}

std::vector<ShardId> ApplyQueue::not_level() const {
  std::vector<ShardId> ids;
  for (std::uint32_t i = 0; i < shards_.size(); ++i) {
    if (shards_[i].state != State::kLevel && !shards_[i].fresh) ids.push_back({i});
  }
  return ids;
}

std::uint64_t ApplyQueue::lag() const {
  const auto slowest = slowest_applied();
  return newest_.size() + (estimated_to_ > slowest ? estimated_to_ - slowest : 0);
}

Seq ApplyQueue::slowest_applied() const {
  return std::min_element(shards_.begin(), shards_.end(),
                          [](const Shard& a, const Shard& b) { return a.applied < b.applied; })
      ->applied;
}

/// By the slowest shard, or because they are too many. A shard that comes up at an older seq than
/// it had is behind by what was forgotten: hence the estimate.
void ApplyQueue::forget_applied() {
  const auto slowest = slowest_applied();
  while (!newest_.empty() && (newest_.front() <= slowest || newest_.size() > kLagMax)) {
    estimated_to_ = newest_.front();
    newest_.pop_front();
  }
}

/// No level shard still works on the group; at least one shard is level, so there is somebody to go
/// on with.
bool ApplyQueue::group_done() const {
  bool any_level = false;
  for (const auto& shard : shards_) {
    if (shard.state != State::kLevel) continue;
    if (shard.applied < handed_out_) return false;
    any_level = true;
  }
  return any_level;
}

void ApplyQueue::advance(ApplyActions& actions) {
  if (group_done()) {
    if (handed_out_ > cut_) {
      cut_ = handed_out_;
      actions.cut = cut_;
    }
    for (; !unsettled_.empty() && unsettled_.front() <= cut_; unsettled_.pop_front()) {
      actions.settled.push_back(unsettled_.front());
    }
    hand_out_next(actions);
    return;
  }
  const bool all_down = std::all_of(shards_.begin(), shards_.end(),
                                    [](const Shard& s) { return s.state == State::kDown; });
  if (!all_down) return;
  // Nobody to apply anything: what is committed is safe in the log, and its writers need not wait.
  actions.settled.assign(unsettled_.begin(), unsettled_.end());
  unsettled_.clear();
  for (const auto& entry : waiting_) {
    actions.settled.push_back(entry.seq);
    handed_out_ = entry.seq;
  }
  waiting_.clear();
  waiting_bytes_ = 0;
}

void ApplyQueue::hand_out_next(ApplyActions& actions) {
  if (waiting_.empty()) return;
  std::vector<Entry> group;
  bool ended = false;
  for (std::size_t bytes = 0; !waiting_.empty() && bytes < kApplyGroupBytesMax && !ended;
       waiting_.pop_front()) {
    ended = ends_group(waiting_.front().kind);
    bytes += waiting_.front().bytes->size();
    waiting_bytes_ -= waiting_.front().bytes->size();
    handed_out_ = waiting_.front().seq;
    unsettled_.push_back(handed_out_);
    group.push_back(std::move(waiting_.front()));
  }
  for (std::uint32_t i = 0; i < shards_.size(); ++i) {
    if (shards_[i].state == State::kLevel) actions.send.push_back({{i}, group});
  }
}

}  // namespace mosaic::replication
