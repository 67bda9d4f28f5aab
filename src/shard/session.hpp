// One question to a shard while it is being answered.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "query/filter_cache.hpp"
#include "shard/at.hpp"
#include "shard/view_rows.hpp"
#include "shard/view_shelf.hpp"

namespace mosaic::shard {

/// A view and a reader pinned to it, or a state of the past, read through the newest view unless
/// its own is still at hand. At a cut the reader is there as soon as the file is needed, if the
/// view then still has one; at cut 0, which asks for the newest view, from the start: a question
/// about the newest state never fails because the state has become another.
class Session {
 public:
  Session(ViewShelf& views, At at, Deadline deadline) : views_(views), deadline_(deadline) {
    if (at.past) {
      open_past(at.seq);
      return;
    }
    if (at.seq == 0) lease_.emplace(views.lease_newest());
    view_ = lease_ ? lease_->view() : views.take(at.seq);
  }

  /// Of the state that is read; one of the past may lie before it.
  const ShardView& view() const { return *view_; }
  /// The state of the past that is read through the view; null: the view is what is read.
  const storage::Past* past() const { return past_ ? &*past_ : nullptr; }
  Seq seq() const { return past_ ? past_->seq : view_->seq; }
  Deadline deadline() const { return deadline_; }

  storage::ShardReader& reader() {
    if (!lease_) lease_.emplace(views_.lease(view_));
    (*lease_)->arm(deadline_);
    return **lease_;
  }

  /// The row of the document, if there is one.
  std::optional<Row> find(std::string_view id) {
    return past_ ? reader().past().find(*past_, id) : reader().find_live(id);
  }
  std::vector<std::pair<Row, std::string>> list_after(std::string_view after, std::size_t limit) {
    return past_ ? reader().past().list_after(*past_, after, limit)
                 : reader().list_after(after, limit);
  }

  /// Rows that pass filter and where; null when there is neither. Of the past, only what was live.
  std::shared_ptr<const RowSet> allowed(query::FilterCache& cache, const std::string& filter,
                                        const std::string& where) {
    std::shared_ptr<const RowSet> rows;
    if (!filter.empty()) rows = filtered(cache, filter);
    if (!where.empty()) rows = both(rows, reader().rows_where(where, past()));
    return past_ ? both(views_.past_rows().live(*past_, reader().past()), rows) : rows;
  }

 private:
  using Rows = std::shared_ptr<const RowSet>;

  static Rows both(const Rows& rows, RowSet chosen) {
    if (rows) chosen &= *rows;
    return std::make_shared<const RowSet>(std::move(chosen));
  }
  static Rows both(const Rows& rows, const Rows& chosen) {
    return chosen ? both(rows, *chosen) : rows;
  }

  void open_past(Seq seq);
  bool open_own_view(Seq seq);

  std::shared_ptr<const RowSet> filtered(query::FilterCache& cache, const std::string& json) {
    const auto filter = query::Filter::parse(json);
    if (!filter) throw Failure(filter.error());
    ViewRows rows(*view_, reader());
    return cache.rows(*filter, rows, deadline_);
  }

  ViewShelf& views_;
  std::shared_ptr<ShardView> view_;
  const Deadline deadline_;
  std::optional<ReaderLease> lease_;
  std::optional<storage::Past> past_;
};

}  // namespace mosaic::shard
