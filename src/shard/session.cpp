#include "shard/session.hpp"

#include <fmt/format.h>

namespace mosaic::shard {

void Session::open_past(Seq seq) {
  if (open_own_view(seq)) return;
  lease_.emplace(views_.lease_newest());
  view_ = lease_->view();
  auto& past = reader().past();
  if (const auto newest = past.newest(); newest < seq) {
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("the shard stands at seq {}, before {}", newest, seq));
  }
  if (const auto kept = past.check(seq); !kept) throw Failure(kept.error());
  past_ = past.open(seq);
}

/// A state that was the newest a moment ago is answered for even if no history is kept.
bool Session::open_own_view(Seq seq) {
  if (seq == 0) return false;
  try {
    view_ = views_.take(seq);
    lease_.emplace(views_.lease(view_));
    return true;
  } catch (const Failure& failure) {
    if (failure.error().code != ErrorCode::kUnavailable) throw;
    return false;
  }
}

}  // namespace mosaic::shard
