// Keeps every collection within the documents that it may have. While there is plenty of room, a
// write takes what it may need at once; near the limit the shards are asked what they hold and
// which ids of the write are new. Counted are documents that shards have told of, those of writes
// since then, and those that writes under way may bring: never less than there are. A count is kept
// only when every shard had all that was in the log (the cut of the collection, writes since);
// others serve one decision. Any thread may call; it outlives the actors that write.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "base/entry.hpp"
#include "mosaic/result.hpp"

namespace mosaic::cluster {

/// Of the limit; up to here a write is let in although not every shard could be counted in full.
constexpr std::uint64_t kUncountedPercentMax = 90;

class DocumentLedger : public std::enable_shared_from_this<DocumentLedger> {
 public:
  /// Held while a write is under way; what it brought counts when it is let go of, whatever became
  /// of the write.
  class Place {
   public:
    Place(std::shared_ptr<DocumentLedger> ledger, CollectionId collection, std::uint64_t documents)
        : ledger_(std::move(ledger)), collection_(collection), documents_(documents) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { ledger_->leave(collection_, documents_, seq_); }

    /// The write is in the log at `seq`.
    void stored(Seq seq) { seq_ = seq; }

   private:
    const std::shared_ptr<DocumentLedger> ledger_;
    const CollectionId collection_;
    const std::uint64_t documents_;
    Seq seq_ = 0;
  };
  using PlacePtr = std::shared_ptr<Place>;

  /// How things stood when the shards were asked.
  struct CountBegin {
    std::uint64_t ended = 0;  ///< documents of all writes that were over
    Seq newest = 0;           ///< of those writes, or the cut; 0: neither is known
  };

  /// What all shards of a collection told together.
  struct Count {
    std::uint64_t documents = 0;
    std::uint64_t existing = 0;  ///< ids of the write that are among them
    Seq seq = 0;                 ///< that the slowest shard has reached
  };

  /// No room: how many documents there are.
  struct Full {
    std::uint64_t documents;
  };
  /// Whether there is room shows when writes under way are over or a late shard has caught up.
  struct Unclear {};
  /// The collection was dropped while the shards were asked.
  struct Gone {};
  using Verdict = std::variant<PlacePtr, Full, Unclear, Gone>;

  /// 0: no limit.
  explicit DocumentLedger(std::uint64_t documents_max) : documents_max_(documents_max) {}

  std::uint64_t documents_max() const { return documents_max_; }

  /// A place for a write of so many documents, were they all new; null when they might not fit.
  PlacePtr enter(CollectionId collection, std::uint64_t documents);

  /// `cut`: up to where shards in step have applied the log; 0: none is yet.
  CountBegin begin_count(CollectionId collection, Seq cut);
  /// Decides by what the shards told since `begin`. A write without new documents always has room.
  Verdict enter(CollectionId collection, std::uint64_t documents, const CountBegin& begin,
                const Count& count);
  /// Decides when not all shards told: there may be `guess` documents. Null near the limit.
  PlacePtr enter_guessed(CollectionId collection, std::uint64_t documents, const CountBegin& begin,
                         std::uint64_t guess);

  /// Whether it had all the documents it may have when last counted, and nothing was deleted since.
  bool full(CollectionId collection) const;
  /// The new state when `full` has changed since the last call, so that one caller says so.
  std::optional<bool> turned(CollectionId collection);
  /// Calls `show` with the number of full collections, never with an older one after a newer one.
  void show_full(const std::function<void(std::size_t)>& show) const;
  /// Documents were deleted.
  void freed(CollectionId collection);
  /// The collection is gone.
  void forget(CollectionId collection);

 private:
  struct Account {
    std::optional<std::uint64_t> counted;  ///< nothing until shards have told
    std::uint64_t under_way = 0;
    std::uint64_t ended = 0;
    Seq newest = 0;
    bool full = false;
    bool told_full = false;  ///< what `turned` last told
  };

  std::uint64_t uncounted_max() const;
  PlacePtr place(CollectionId collection, Account& account, std::uint64_t documents);
  void leave(CollectionId collection, std::uint64_t documents, Seq seq);

  const std::uint64_t documents_max_;
  mutable std::mutex mutex_;
  std::map<CollectionId, Account> accounts_;
};

}  // namespace mosaic::cluster
