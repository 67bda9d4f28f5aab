// Hands the committed entries of one collection to its shards, a group at a time and in lock-step:
// the next group goes out when every level shard has applied the one before. So shards differ by at
// most one group, each keeps its last few views, and a search always finds a cut that all of them
// can answer. A shard that is down holds nobody up; when it is back it is led through the log until
// it is level again. A pure step function: events in, actions out. Owned by the log actor.
//
// Shards that live on other nodes get nothing from here: those tell how far they are, and the cut
// waits for them, too. The shards of this node go ahead of it by a few groups, no more than they
// keep views. Groups are then those that the leader has made (Entry::goes_on): all nodes come
// through the same states. What another node says of a shard also stands for one of this node that
// is not level.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "replication/batches.hpp"

namespace mosaic::replication {

/// Entries of a collection whose seqs are kept to count its lag; those before are estimated.
constexpr std::size_t kLagMax = 1'000'000;
/// Groups that shards may be ahead of the cut by: fewer than they keep views.
constexpr std::size_t kGroupsAhead = 4;

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
      : shards_(shards, Shard{.fresh = fresh}), handed_out_(last), estimated_to_(last) {
    if (last != 0) ends_.push_back(last);
  }

  ApplyActions committed(Entry entry);
  ApplyActions applied(ShardId shard, Seq seq);
  /// A shard has (re)started and stands at `seq`. One that comes from another node may be ahead of
  /// what has been handed out here, never of what has been committed() here.
  ApplyActions shard_up(ShardId shard, Seq seq);
  ApplyActions shard_down(ShardId shard);

  /// Which shards live on other nodes alone, and whether any node lacks any of them.
  ApplyActions live(const std::vector<ShardId>& elsewhere, bool spread);
  /// A shard on another node has come to `seq`; none: no other node answers for it.
  ApplyActions far_is(ShardId shard, std::optional<Seq> seq);
  /// Far shards that all others wait for. One that is passed over counts again once it has come to
  /// where they are now.
  std::vector<ShardId> held_up_by() const;
  ApplyActions pass_over(ShardId shard);
  /// Hands out what has gathered although more was to follow: its leader may be gone.
  ApplyActions end_batch();

  /// Bytes committed and not yet handed out: past a bound, writes should be refused.
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  /// Entries committed that the slowest shard here has not applied, be it down or catching up.
  /// Exact for the last kLagMax entries of this run; what is older than those and still missing
  /// counts by the difference of seqs, an upper bound since other collections share the log.
  std::uint64_t lag() const;
  bool level() const { return missing().empty(); }
  /// Whether somebody answers for the shard, here or on another node.
  bool level(ShardId shard) const { return reached(shards_.at(shard.value)).has_value(); }
  bool none_level() const {
    return std::none_of(shards_.begin(), shards_.end(),
                        [](const Shard& shard) { return reached(shard).has_value(); });
  }
  /// Those of this node that are missed: not up and led through the log, nor fresh.
  std::vector<ShardId> not_level() const;
  /// Those that nobody answers for, neither here nor on another node; fresh ones do not count.
  std::vector<ShardId> missing() const;
  /// Of a new collection, the shards on other nodes are there in a moment, too: nobody has said so
  /// yet.
  bool waits_for_first_word() const;
  /// Up to where a shard of this node has applied, if it is level.
  std::optional<Seq> level_here(ShardId shard) const {
    const auto& each = shards_.at(shard.value);
    return each.state == State::kLevel ? std::optional(each.applied) : std::nullopt;
  }
  Seq cut() const { return cut_; }
  /// The last entry that was committed.
  Seq newest() const { return waiting_.empty() ? handed_out_ : waiting_.back().seq; }
  std::uint32_t shards() const { return static_cast<std::uint32_t>(shards_.size()); }

 private:
  enum class State : std::uint8_t { kDown, kCatchingUp, kLevel };
  struct Shard {
    State state = State::kDown;
    Seq applied = 0;
    bool fresh = false;  ///< of a new collection; until it is level, or has failed
    bool here = true;
    std::optional<Seq> far = {};  ///< up to where another node has applied it
    Seq far_from = 0;             ///< that counts from here on only

    bool stands_in() const { return state != State::kLevel && far && *far >= far_from; }
  };

  static std::optional<Seq> reached(const Shard& shard) {
    if (shard.state == State::kLevel) return shard.applied;
    return shard.stands_in() ? shard.far : std::nullopt;
  }
  static void become(Shard& shard, State state);
  Shard& at(ShardId shard) { return shards_.at(shard.value); }
  bool group_done() const;
  bool nobody_left() const;
  Seq slowest_applied() const;
  void forget_applied();
  void move_cut(ApplyActions& actions);
  void give_up_waiting(ApplyActions& actions);
  void advance(ApplyActions& actions);
  std::size_t next_group() const;
  void hand_out(std::size_t count, ApplyActions& actions);

  std::vector<Shard> shards_;
  bool spread_ = false;
  std::deque<Entry> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::deque<Seq> unsettled_;  ///< handed out, their writers not yet answered
  Seq handed_out_;
  std::deque<Seq> ends_;  ///< of the groups that were handed out and lie beyond the cut
  Seq cut_ = 0;
  bool batch_ended_ = false;  ///< what waits is handed out as it is
  std::deque<Seq> newest_;    ///< committed after `estimated_to_`, which the slowest shard lacks
  Seq estimated_to_;          ///< which entries there are up to it is not remembered
};

}  // namespace mosaic::replication
