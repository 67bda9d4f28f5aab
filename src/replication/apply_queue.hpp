// Hands the committed entries of one collection to its shards, a group at a time and in lock-step:
// the next group goes out when every level shard has applied the one before. So shards differ by at
// most one group, each keeps its last few views, and a search always finds a cut that all of them
// can answer. A shard that is down holds nobody up; when it is back it is led through the log until
// it is level again. A pure step function: events in, actions out. Owned by the log actor.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

#include "replication/log.hpp"

namespace mosaic::replication {

constexpr std::size_t kApplyGroupBytesMax = 4 << 20;
/// Entries of a collection whose seqs are kept to count its lag; those before are estimated.
constexpr std::size_t kLagMax = 1'000'000;

/// No group goes on behind such an entry, so that every shard has a view at exactly this seq: it is
/// the cut that files are copied at.
constexpr bool ends_group(EntryKind kind) {
  return kind == EntryKind::kBeginSnapshot;
}

/// Takes away what comes behind the first such entry.
void end_group(std::vector<Entry>& entries);

/// What the owner has to do after an event, in this order.
struct ApplyActions {
  struct Send {
    ShardId shard;
    std::vector<Entry> entries;
  };
  struct CatchUp {
    ShardId shard;
    Seq after;  ///< read the log from here and send what comes, about one group,
    Seq to;     ///< but nothing past this: the others have not been handed it yet
  };
  std::vector<Send> send;
  std::vector<CatchUp> catch_up;
  Seq cut = 0;               ///< searches may use this cut now; 0: as before
  std::vector<Seq> settled;  ///< applied by every shard that is level
};

class ApplyQueue {
 public:
  /// `last` is the newest entry of the collection in the log; all up to it count as handed out.
  /// `fresh`: the collection is being made, its shards have never been there.
  ApplyQueue(std::uint32_t shards, Seq last, bool fresh = false)
      : shards_(shards, Shard{.fresh = fresh}), handed_out_(last), estimated_to_(last) {}

  ApplyActions committed(Entry entry);
  ApplyActions applied(ShardId shard, Seq seq);
  /// A shard has (re)started and stands at `seq`.
  ApplyActions shard_up(ShardId shard, Seq seq);
  ApplyActions shard_down(ShardId shard);

  /// Bytes committed and not yet handed out: past a bound, writes should be refused.
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  /// Entries committed that the slowest shard has not applied, be it down or catching up. Exact for
  /// the last kLagMax entries of this run; what is older than those and still missing counts by the
  /// difference of seqs, an upper bound since other collections share the log.
  std::uint64_t lag() const;
  /// No shard is missed: each is up and has been led through the log, or is fresh.
  bool level() const { return not_level().empty(); }
  bool level(ShardId shard) const { return shards_.at(shard.value).state == State::kLevel; }
  bool none_level() const {
    return std::none_of(shards_.begin(), shards_.end(),
                        [](const Shard& shard) { return shard.state == State::kLevel; });
  }
  /// Those that are missed.
  std::vector<ShardId> not_level() const;
  Seq cut() const { return cut_; }

 private:
  enum class State : std::uint8_t { kDown, kCatchingUp, kLevel };
  struct Shard {
    State state = State::kDown;
    Seq applied = 0;
    bool fresh = false;  ///< of a new collection; until it is level, or has failed
  };

  static void become(Shard& shard, State state);
  Shard& at(ShardId shard) { return shards_.at(shard.value); }
  bool group_done() const;
  Seq slowest_applied() const;
  void forget_applied();
  void advance(ApplyActions& actions);
  void hand_out_next(ApplyActions& actions);

  std::vector<Shard> shards_;
  std::deque<Entry> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::deque<Seq> unsettled_;  ///< handed out, their writers not yet answered
  Seq handed_out_;
  Seq cut_ = 0;
  std::deque<Seq> newest_;  ///< committed after `estimated_to_`, which the slowest shard lacks
  Seq estimated_to_;        ///< which entries there are up to it is not remembered
};

}  // namespace mosaic::replication
