// The last few views of a shard. The shard's thread publishes, searchers take; neither waits for
// the other except for the moment of a commit, and only when a connection for the newest view has
// to be made. Older views stay for a while because a search over several shards asks all of them
// for one cut.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "shard/past_rows.hpp"
#include "shard/shard_view.hpp"

namespace mosaic::shard {

constexpr std::size_t kViewsMax = 8;
constexpr std::size_t kIdleReadersMax = 8;

class ViewShelf;

/// A connection pinned to a view, given back when this ends.
class ReaderLease {
 public:
  ReaderLease(ViewShelf& shelf, std::shared_ptr<ShardView> view,
              std::unique_ptr<storage::ShardReader> reader)
      : shelf_(&shelf), view_(std::move(view)), reader_(std::move(reader)) {}
  ReaderLease(ReaderLease&&) = default;
  ReaderLease& operator=(ReaderLease&&) = delete;
  ~ReaderLease();

  const std::shared_ptr<ShardView>& view() const { return view_; }
  storage::ShardReader& operator*() { return *reader_; }
  storage::ShardReader* operator->() { return reader_.get(); }

 private:
  ViewShelf* shelf_;
  std::shared_ptr<ShardView> view_;
  std::unique_ptr<storage::ShardReader> reader_;
};

class ViewShelf {
 public:
  explicit ViewShelf(std::filesystem::path path) : path_(std::move(path)) {}

  /// `commit` makes the new state durable in the file and describes it; nobody pins a reader
  /// meanwhile.
  void publish(const std::function<std::shared_ptr<ShardView>()>& commit);

  /// Puts `view` in the place of the newest one, which shows the same state of the file and goes on
  /// serving those who have it.
  void renew(std::shared_ptr<ShardView> view);

  /// The newest view, or the one at exactly `seq` unless that is 0. Throws unavailable when it is
  /// gone.
  std::shared_ptr<ShardView> take(Seq seq);

  /// A reader pinned to `view`. Throws unavailable when none is left and the shard has moved on.
  ReaderLease lease(const std::shared_ptr<ShardView>& view);
  /// A reader of the newest view, whichever that is by now: the shard cannot move on in between.
  ReaderLease lease_newest();

  /// From now on a reader stays pinned to the newest view under `name`, whatever comes after, until
  /// somebody takes it or it is given up. The WAL grows meanwhile. Of the shard's thread.
  void keep(const std::string& name);
  void give_up(const std::string& name);
  /// Whether a reader is kept, or lent to who copies the file.
  bool is_being_copied();

  /// Keeps only the newest view, so that a checkpoint can move everything into the file.
  void retire_old();
  /// The shard ends: every reader that is not lent goes at once, so that the writer closes the file
  /// last and SQLite puts the WAL away.
  void close();
  /// Pins the idle readers of the newest view again: after a checkpoint they then no longer hold
  /// the WAL.
  void repin();

  PastRows& past_rows() { return past_rows_; }

 private:
  friend class ReaderLease;
  friend class KeptReader;
  ReaderLease take_kept(const std::string& name, Seq seq);
  void copied();
  void give_back(ShardView& view, std::unique_ptr<storage::ShardReader> reader);
  std::unique_ptr<storage::ShardReader> take_pinned(ShardView& view);
  std::unique_ptr<storage::ShardReader> take_idle();
  std::unique_ptr<storage::ShardReader> pin_one_more();
  void retire(ShardView& view);
  void keep_idle(std::unique_ptr<storage::ShardReader> reader);

  const std::filesystem::path path_;
  const std::shared_ptr<storage::DocumentLengths> lengths_ =
      std::make_shared<storage::DocumentLengths>();
  PastRows past_rows_;
  std::mutex commit_;  ///< held while the file's newest state changes, or is being pinned
  std::mutex mutex_;   ///< guards everything below; taken after commit_
  std::deque<std::shared_ptr<ShardView>> views_;
  std::vector<std::unique_ptr<storage::ShardReader>> idle_;
  std::map<std::string, ReaderLease> kept_;
  std::size_t copying_ = 0;  ///< readers that were kept and are lent now
  std::size_t wanted_ = 0;   ///< readers that the newest view was found to need
};

/// A reader that was kept, lent to somebody who may outlive the shard. Throws unavailable before
/// the shard has come to `seq`; not_found when none is kept (any more), as after the shard was
/// started again.
class KeptReader {
 public:
  KeptReader(std::shared_ptr<ViewShelf> shelf, const std::string& name, Seq seq)
      : shelf_(std::move(shelf)), lease_(shelf_->take_kept(name, seq)) {}
  ~KeptReader() { shelf_->copied(); }
  KeptReader(const KeptReader&) = delete;
  KeptReader& operator=(const KeptReader&) = delete;

  const ShardView& view() const { return *lease_.view(); }
  storage::ShardReader* operator->() { return lease_.operator->(); }

 private:
  std::shared_ptr<ViewShelf> shelf_;  ///< before the lease, which is given back to it
  ReaderLease lease_;
};

}  // namespace mosaic::shard
