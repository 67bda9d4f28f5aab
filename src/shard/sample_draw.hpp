// Draws a sample of the vectors of a collection whose shards give them page by page. Every document
// has a lot (shard/placement_pages.hpp); those with the lowest lots are the sample, wherever they
// live. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "shard/placement_pages.hpp"

namespace mosaic::shard {

class SampleDraw {
 public:
  /// At most `size` of the vectors of some `documents`, not all of which need have one.
  SampleDraw(std::size_t size, std::uint64_t documents);

  /// The largest lot that wins in this round: enough to fill the sample, and hardly more.
  std::uint64_t lot_max() const { return lot_max_; }
  void add(std::vector<Drawn> drawn);

  /// After all shards were asked: true when too few had a vector, and others may still be had. Then
  /// everything is drawn anew, with more lots that win.
  bool again();
  /// The sample, by rising lot. Call it once.
  std::vector<Vector> take();

 private:
  std::size_t size_;
  std::uint64_t lot_max_;
  std::vector<Drawn> drawn_;
};

}  // namespace mosaic::shard
