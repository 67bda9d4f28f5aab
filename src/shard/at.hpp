// Which state of a shard a question is about.
#pragma once

#include "mosaic/collection.hpp"

namespace mosaic::shard {

/// A cut: the view at exactly that seq, or the newest for 0. Or a state of the past: any view that
/// has come as far will do.
struct At {
  At(Seq cut = 0) : seq(cut) {}
  static At past_state(Seq seq) {
    At at(seq);
    at.past = true;
    return at;
  }

  Seq seq;
  bool past = false;
};

}  // namespace mosaic::shard
