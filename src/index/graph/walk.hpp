// The hot loops of a graph: the walk through it (Malkov, Yashunin: TPAMI 2018, algorithm 2, over a
// sorted array instead of two heaps) and the scan of chosen nodes. One set per instruction set, as
// code_kernels(). A loop owns its scratch; everything else is read only.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "index/codes/code_kernels.hpp"
#include "index/graph/graph_file.hpp"

namespace mosaic::index {

struct Reached {
  float distance;
  Node node;
};

/// Where links and codes are. While they are not yet known to be what was written, `links_file` and
/// `codes_file` say so for each block that is touched; else those are null.
struct WalkGraph {
  const std::byte* links = nullptr;
  std::size_t link_stride = 0;
  std::size_t degree = 0;  ///< places for links per node
  const std::byte* codes = nullptr;
  std::size_t code_bytes = 0;
  Node nodes = 0;
  Node entry = 0;
  std::span<const GraphFile::Level> levels;
  std::size_t m = 0;
  const VerifiedBytes* links_file = nullptr;
  const VerifiedBytes* codes_file = nullptr;
};

struct WalkTask {
  const std::byte* query = nullptr;
  std::size_t nearest = 0;  ///< how many to find: of a walk the beam that it goes on from
  std::size_t found = 0;    ///< of a scan that goes on: how many scratch.found holds already
  std::size_t scanned = 0;  ///< the same of scratch.distances
};

/// Memory of a loop, kept between searches by its thread.
struct WalkScratch {
  std::vector<std::uint64_t> visited;
  std::vector<Reached> found;    ///< by rising distance
  std::vector<float> distances;  ///< of everything that was scanned, in that order
};

struct WalkEnd {
  std::size_t found = 0;     ///< how many are in scratch.found
  std::size_t compared = 0;  ///< codes
  bool damaged = false;      ///< the file is not what was written: nothing else counts
};

/// Fills scratch.found with the nearest nodes that a walk from the entry reaches.
using WalkLoop = WalkEnd (*)(const WalkGraph&, const WalkTask&, WalkScratch&);
/// Fills scratch.found with the nearest of `nodes`, and scratch.distances with how far each is.
using ScanLoop = WalkEnd (*)(const WalkGraph&, const WalkTask&, std::span<const Node> nodes,
                             WalkScratch&);

struct WalkLoops {
  WalkLoop walk;
  ScanLoop scan;
};

/// The loops for codes of this kind and size on this CPU; `verified`: the graph's links and codes
/// need not be checked.
WalkLoops walk_loops(CodeKind kind, std::size_t blocks, bool verified);

}  // namespace mosaic::index
