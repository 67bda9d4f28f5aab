// When is a graph to be built, and of how many vectors? Pure: from what there is to what is next.
#pragma once

#include <cstddef>
#include <optional>

#include "index/graph/graph_contents.hpp"

namespace mosaic::index {

/// With fewer vectors than this a scan is as fast as a graph.
constexpr std::size_t kGraphRowsMin = 5'000;
/// The tail is folded in when it has grown to this share of the graph (and to kGraphRowsMin).
constexpr double kTailShareMax = 0.2;
/// Past this share of ended nodes the graph is built anew without them.
constexpr double kEndedShareMax = 0.2;
/// One build adds about as many vectors as the graph has, or this many: a long build is done in
/// steps that each serve searches and survive a stop.
constexpr std::size_t kStepRowsMin = 50'000;

struct IndexSituation {
  std::optional<GraphParameters> graph;
  std::size_t nodes_live = 0;
  std::size_t tail_live = 0;
  Metric metric = Metric::kCosine;
  Quantization quantization = Quantization::kInt8;  ///< as the collection wants it now
  IndexSettings settings;                           ///< the same
};

struct BuildStep {
  enum class What { kBuild, kExtend, kDrop };
  What what = What::kBuild;
  /// How many of the view's sources the graph is to hold, from the first on: of the live ones for
  /// kBuild, for kExtend of those with the ended nodes.
  std::size_t rows = 0;
  friend bool operator==(const BuildStep&, const BuildStep&) = default;
};

/// Nothing when all is as it should be.
std::optional<BuildStep> next_build(const IndexSituation& now);

}  // namespace mosaic::index
