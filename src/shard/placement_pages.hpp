// What training and moves by centroid read from a shard, page by page: a sample of its vectors, and
// the documents that belong to another shard. A page looks at so many rows at most, and may be
// empty although there is more.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/entry.hpp"
#include "base/row_set.hpp"

namespace mosaic::shard {

class Session;

/// Some ten milliseconds of a searcher's time.
constexpr std::size_t kPlacementRowsMax = 4'000;
/// What moves at once is one entry of the log.
constexpr std::size_t kMoveDocumentsMax = 1'000;
constexpr std::size_t kMoveBytesMax = 4 << 20;

/// A vector of a document that was drawn. The draw depends on seed and id alone, not on where the
/// document lives; the lowest lots of all shards are the sample.
struct Drawn {
  std::uint64_t lot = 0;
  Vector vector;
};

struct SamplePage {
  std::vector<Drawn> drawn;
  Row next = 0;
  bool more = false;
};

struct MovePage {
  Move move;  ///< without `centroids`
  std::uint64_t looked_at = 0;
  Row next = 0;
  bool more = false;
};

/// The vectors with a lot of at most `lot_max`.
SamplePage sample_page(Session& session, Row after, std::uint64_t seed, std::uint64_t lot_max);

/// The live documents after row `after` whose home by `centroids` is another shard than `here`.
MovePage move_page(Session& session, ShardId here, Metric metric, Row after,
                   const std::shared_ptr<const Centroids>& centroids);

}  // namespace mosaic::shard
