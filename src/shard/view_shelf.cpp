#include "shard/view_shelf.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace mosaic::shard {
namespace {

Failure gone(Seq seq) {
  return Failure(ErrorCode::kUnavailable, fmt::format("the state at seq {} is not at hand", seq));
}

}  // namespace

ReaderLease::~ReaderLease() {
  if (reader_) shelf_->give_back(*view_, std::move(reader_));
}

void ViewShelf::publish(const std::function<std::shared_ptr<ShardView>()>& commit) {
  const std::lock_guard committing(commit_);
  auto view = commit();
  std::size_t wanted = 0;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_;
  }
  for (std::size_t i = 0; i < wanted; ++i) {
    auto reader = take_idle();
    reader->pin();
    view->pinned_.push_back(std::move(reader));
  }
  const std::lock_guard lock(mutex_);
  views_.push_back(std::move(view));
  for (; views_.size() > kViewsMax; views_.pop_front()) retire(*views_.front());
}

void ViewShelf::renew(std::shared_ptr<ShardView> view) {
  const std::lock_guard committing(commit_);
  const std::lock_guard lock(mutex_);
  auto& newest = views_.back();
  view->pinned_ = std::exchange(newest->pinned_, {});
  newest->retired_ = true;
  newest = std::move(view);
}

std::shared_ptr<ShardView> ViewShelf::take(Seq seq) {
  const std::lock_guard lock(mutex_);
  if (seq == 0 && !views_.empty()) return views_.back();
  const auto found = std::find_if(views_.rbegin(), views_.rend(),
                                  [&](const auto& view) { return view->seq == seq; });
  if (found != views_.rend()) return *found;
  throw gone(seq);
}

ReaderLease ViewShelf::lease(const std::shared_ptr<ShardView>& view) {
  if (auto reader = take_pinned(*view)) return {*this, view, std::move(reader)};
  const std::lock_guard committing(commit_);
  // A view that was renewed shows the state of the one in its place.
  if (take(0)->seq != view->seq) throw gone(view->seq);
  return {*this, view, pin_one_more()};
}

ReaderLease ViewShelf::lease_newest() {
  auto view = take(0);
  if (auto reader = take_pinned(*view)) return {*this, std::move(view), std::move(reader)};
  const std::lock_guard committing(commit_);
  return {*this, take(0), pin_one_more()};
}

void ViewShelf::keep(const std::string& name) {
  auto lease = lease_newest();
  const std::lock_guard lock(mutex_);
  kept_.try_emplace(name, std::move(lease));
}

void ViewShelf::give_up(const std::string& name) {
  // It is given back without the lock, which giving back takes.
  decltype(kept_)::node_type kept;
  const std::lock_guard lock(mutex_);
  kept = kept_.extract(name);
}

ReaderLease ViewShelf::take_kept(const std::string& name, Seq seq) {
  const std::lock_guard lock(mutex_);
  const auto kept = kept_.find(name);
  if (kept != kept_.end() && kept->second.view()->seq == seq) {
    ++copying_;
    return std::move(kept_.extract(kept).mapped());
  }
  if (views_.empty() || views_.back()->seq < seq) throw gone(seq);
  throw Failure(ErrorCode::kNotFound,
                fmt::format("the state at seq {} is not kept under '{}'", seq, name));
}

void ViewShelf::copied() {
  const std::lock_guard lock(mutex_);
  --copying_;
}

bool ViewShelf::is_being_copied() {
  const std::lock_guard lock(mutex_);
  return copying_ > 0 || !kept_.empty();
}

void ViewShelf::give_back(ShardView& view, std::unique_ptr<storage::ShardReader> reader) {
  const std::lock_guard lock(mutex_);
  // A reader that lost its snapshot would see another state than its view: it goes for good.
  if (!reader->pinned()) return;
  if (view.retired_) {
    keep_idle(std::move(reader));
  } else {
    view.pinned_.push_back(std::move(reader));
  }
}

void ViewShelf::retire_old() {
  const std::lock_guard lock(mutex_);
  for (; views_.size() > 1; views_.pop_front()) retire(*views_.front());
}

void ViewShelf::close() {
  // They are given back without the lock, which giving back takes, and before all idle ones go.
  decltype(kept_) kept;
  {
    const std::lock_guard lock(mutex_);
    kept.swap(kept_);
  }
  kept.clear();
  const std::lock_guard lock(mutex_);
  for (; !views_.empty(); views_.pop_front()) retire(*views_.front());
  idle_.clear();
}

void ViewShelf::repin() {
  const std::lock_guard committing(commit_);
  const std::lock_guard lock(mutex_);
  for (auto& reader : views_.back()->pinned_) {
    reader->unpin();
    reader->pin();
  }
}

std::unique_ptr<storage::ShardReader> ViewShelf::take_pinned(ShardView& view) {
  const std::lock_guard lock(mutex_);
  if (view.pinned_.empty()) return nullptr;
  auto reader = std::move(view.pinned_.back());
  view.pinned_.pop_back();
  return reader;
}

/// Of the newest state, while nobody commits.
std::unique_ptr<storage::ShardReader> ViewShelf::pin_one_more() {
  {
    // Readers lost to damage or want of memory are replaced, too; that must not raise the number
    // for ever.
    const std::lock_guard lock(mutex_);
    wanted_ = std::min(wanted_ + 1, kIdleReadersMax);
  }
  auto reader = take_idle();
  reader->pin();
  return reader;
}

std::unique_ptr<storage::ShardReader> ViewShelf::take_idle() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return std::make_unique<storage::ShardReader>(path_, lengths_);
}

void ViewShelf::retire(ShardView& view) {
  view.retired_ = true;
  for (auto& reader : view.pinned_) keep_idle(std::move(reader));
  view.pinned_.clear();
}

void ViewShelf::keep_idle(std::unique_ptr<storage::ShardReader> reader) {
  reader->unpin();
  if (idle_.size() < kIdleReadersMax) idle_.push_back(std::move(reader));
}

}  // namespace mosaic::shard
