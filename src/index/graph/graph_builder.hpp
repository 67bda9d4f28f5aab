// Builds a graph on codes: anew, or by adding to one that is there. Long work: it runs
// on threads of its own and can be told to stop.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "index/graph/graph_contents.hpp"
#include "index/graph/graph_file.hpp"

namespace mosaic::index {

struct BuildOptions {
  CollectionId collection;
  ShardId shard;
  Metric metric = Metric::kCosine;
  Quantization quantization = Quantization::kInt8;
  std::uint32_t dimension = 0;
  std::uint32_t m = 16;
  std::uint32_t ef_construction = 200;
  std::uint32_t threads = 1;
  Seq seq = 0;       ///< of the view that the vectors are from
  Row last_row = 0;  ///< as GraphParameters::last_row
};

/// A share of clipped numbers past this says that the codes no longer fit the vectors.
constexpr double kClippedShareMax = 0.01;

/// The graph of `sources`, which rise by row and are not empty; nothing when `stop` became true.
/// Its codes are those that were asked for, or wider ones where these lose what is nearest
/// (choose_codes). With `base`, whose nodes are the first of `sources`, only the others are added;
/// unless the codes of too many of those would be clipped (kClippedShareMax) or lose what is
/// nearest, or m or what is asked for differ: then it is built anew. `progress` is called with the
/// number of nodes done, now and then, from one thread. Throws corrupt_data when `base` turns out
/// to be damaged.
std::optional<GraphContents> build_graph(const BuildOptions& options,
                                         std::vector<SourceVector> sources, const GraphFile* base,
                                         const std::atomic<bool>& stop,
                                         const std::function<void(std::size_t)>& progress);

}  // namespace mosaic::index
