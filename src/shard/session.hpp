// One question to a shard while it is being answered.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "query/filter_cache.hpp"
#include "shard/view_rows.hpp"
#include "shard/view_shelf.hpp"

namespace mosaic::shard {

/// A view and a reader pinned to it. At a cut the reader is there as soon as the file is needed, if
/// the view then still has one; at cut 0, which asks for the newest view, from the start: a
/// question about the newest state never fails because the state has become another.
class Session {
 public:
  Session(ViewShelf& views, Seq cut, Deadline deadline) : views_(views), deadline_(deadline) {
    if (cut == 0) lease_.emplace(views.lease_newest());
    view_ = lease_ ? lease_->view() : views.take(cut);
  }

  const ShardView& view() const { return *view_; }
  Deadline deadline() const { return deadline_; }

  storage::ShardReader& reader() {
    if (!lease_) lease_.emplace(views_.lease(view_));
    (*lease_)->arm(deadline_);
    return **lease_;
  }

  /// Rows that pass filter and where; null when there is neither.
  std::shared_ptr<const RowSet> allowed(query::FilterCache& cache, const std::string& filter,
                                        const std::string& where) {
    std::shared_ptr<const RowSet> rows;
    if (!filter.empty()) rows = filtered(cache, filter);
    if (where.empty()) return rows;
    auto chosen = reader().rows_where(where);
    if (rows) chosen &= *rows;
    return std::make_shared<const RowSet>(std::move(chosen));
  }

 private:
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
};

}  // namespace mosaic::shard
