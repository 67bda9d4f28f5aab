#include "replication/apply_queue.hpp"

#include <algorithm>
#include <limits>

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
  waiting_.push_back(std::move(entry));
  forget_applied();
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
  if (seq > handed_out_ && waiting_.empty()) {
    handed_out_ = seq;
    ends_.push_back(seq);
  }
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

ApplyActions ApplyQueue::live(const std::vector<ShardId>& elsewhere, bool spread) {
  ApplyActions actions;
  spread_ = spread;
  for (auto& shard : shards_) shard.here = true;
  for (const auto id : elsewhere) {
    at(id).here = false;
    at(id).state = State::kDown;
  }
  forget_applied();
  advance(actions);
  return actions;
}

ApplyActions ApplyQueue::far_is(ShardId id, std::optional<Seq> seq) {
  ApplyActions actions;
  auto& shard = at(id);
  shard.far = seq ? std::max(shard.far, seq) : seq;
  shard.fresh = shard.fresh && shard.here;
  advance(actions);
  return actions;
}

std::vector<ShardId> ApplyQueue::held_up_by() const {
  std::vector<ShardId> ids;
  for (std::uint32_t i = 0; i < shards_.size(); ++i) {
    const auto& shard = shards_[i];
    const bool silent = !shard.here && shard.fresh && !unsettled_.empty();
    const bool late = !ends_.empty() && shard.stands_in() && *shard.far < ends_.front();
    if (silent || late) ids.push_back({i});
  }
  return ids;
}

ApplyActions ApplyQueue::pass_over(ShardId id) {
  ApplyActions actions;
  auto& shard = at(id);
  shard.far_from = handed_out_;
  shard.fresh = shard.fresh && shard.here;
  advance(actions);
  return actions;
}

ApplyActions ApplyQueue::end_batch() {
  ApplyActions actions;
  batch_ended_ = !waiting_.empty();
  advance(actions);
  return actions;
}

void ApplyQueue::become(Shard& shard, State state) {
  shard.state = state;
  shard.fresh = false;
}

std::vector<ShardId> ApplyQueue::missing() const {
  std::vector<ShardId> ids;
  for (std::uint32_t i = 0; i < shards_.size(); ++i) {
    if (!shards_[i].fresh && !reached(shards_[i])) ids.push_back({i});
  }
  return ids;
}

std::vector<ShardId> ApplyQueue::not_level() const {
  std::vector<ShardId> ids;
  for (std::uint32_t i = 0; i < shards_.size(); ++i) {
    const auto& shard = shards_[i];
    if (shard.here && shard.state != State::kLevel && !shard.fresh) ids.push_back({i});
  }
  return ids;
}

std::uint64_t ApplyQueue::lag() const {
  const auto slowest = slowest_applied();
  return newest_.size() + (estimated_to_ > slowest ? estimated_to_ - slowest : 0);
}

Seq ApplyQueue::slowest_applied() const {
  auto slowest = std::max(handed_out_, waiting_.empty() ? 0 : waiting_.back().seq);
  for (const auto& shard : shards_) {
    if (shard.here) slowest = std::min(slowest, shard.applied);
  }
  return slowest;
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

bool ApplyQueue::waits_for_first_word() const {
  return std::any_of(shards_.begin(), shards_.end(),
                     [](const Shard& shard) { return shard.fresh && !shard.here; });
}

/// No level shard of this node still works on the group; at least one shard has somebody who
/// answers for it, so there is somebody to go on with.
bool ApplyQueue::group_done() const {
  bool any = false;
  for (const auto& shard : shards_) {
    if (shard.state == State::kLevel && shard.applied < handed_out_) return false;
    any |= reached(shard).has_value();
  }
  return any && ends_.size() < kGroupsAhead;
}

bool ApplyQueue::nobody_left() const {
  return std::all_of(shards_.begin(), shards_.end(), [](const Shard& shard) {
    return shard.state == State::kDown && !shard.stands_in();
  });
}

void ApplyQueue::move_cut(ApplyActions& actions) {
  auto common = std::numeric_limits<Seq>::max();
  bool any = false;
  for (const auto& shard : shards_) {
    const auto seq = reached(shard);
    if (seq) common = std::min(common, *seq);
    any |= seq.has_value();
  }
  if (!any || waits_for_first_word()) return;
  for (; !ends_.empty() && ends_.front() <= common; ends_.pop_front())
    actions.cut = cut_ = ends_.front();
  for (; !unsettled_.empty() && unsettled_.front() <= cut_; unsettled_.pop_front())
    actions.settled.push_back(unsettled_.front());
}

/// Nobody to apply anything: what is committed is safe in the log, and its writers need not wait.
void ApplyQueue::give_up_waiting(ApplyActions& actions) {
  actions.settled.assign(unsettled_.begin(), unsettled_.end());
  unsettled_.clear();
  for (const auto& entry : waiting_) {
    actions.settled.push_back(entry.seq);
    handed_out_ = entry.seq;
  }
  ends_.clear();
  if (handed_out_ > cut_) ends_.push_back(handed_out_);
  waiting_.clear();
  waiting_bytes_ = 0;
}

void ApplyQueue::advance(ApplyActions& actions) {
  if (nobody_left()) {
    if (!waits_for_first_word()) give_up_waiting(actions);
    return;
  }
  move_cut(actions);
  while (group_done()) {
    const auto count = next_group();
    if (count == 0) return;
    hand_out(count, actions);
    // Where no shard lives here, others may have come as far already.
    move_cut(actions);
  }
}

/// How many of the entries that wait go out together; 0: none yet.
std::size_t ApplyQueue::next_group() const {
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < waiting_.size(); ++count) {
    const auto& entry = waiting_[count];
    bytes += entry.bytes->size();
    const bool ends = spread_ ? !entry.goes_on : bytes >= kApplyGroupBytesMax;
    if (ends || ends_group(entry.kind)) return count + 1;
  }
  return spread_ && !batch_ended_ ? 0 : waiting_.size();
}

void ApplyQueue::hand_out(std::size_t count, ApplyActions& actions) {
  std::vector<Entry> group;
  for (; count > 0; --count) {
    waiting_bytes_ -= waiting_.front().bytes->size();
    handed_out_ = waiting_.front().seq;
    unsettled_.push_back(handed_out_);
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  ends_.push_back(handed_out_);
  batch_ended_ = batch_ended_ && !waiting_.empty();
  for (std::uint32_t i = 0; i < shards_.size(); ++i) {
    if (shards_[i].state == State::kLevel) actions.send.push_back({{i}, group});
  }
}

}  // namespace mosaic::replication
