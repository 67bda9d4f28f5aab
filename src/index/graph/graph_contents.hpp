// What a graph over the vectors of a shard consists of, as its builder hands it to the file. A
// hierarchical navigable small world graph (Malkov, Yashunin: TPAMI 2018): every node is in level
// 0, fewer in each level above. Nodes are numbered by rising row.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/entry.hpp"
#include "base/row_set.hpp"
#include "index/aligned_bytes.hpp"
#include "index/codes/code_format.hpp"

namespace mosaic::index {

using Node = std::uint32_t;
constexpr Node kNoNode = 0xffff'ffff;  ///< fills the places of links that are not there

/// Everything about a graph but its arrays.
struct GraphParameters {
  CollectionId collection;
  ShardId shard;
  CodeFormat codes;
  Quantization wanted = Quantization::kInt8;  ///< asked for; `codes` may be wider
  std::uint32_t m = 16;                       ///< links per node above level 0; twice as many in it
  std::uint32_t ef_construction = 200;
  Seq seq = 0;       ///< the state of the shard that it was made from
  Row last_row = 0;  ///< every row up to here is in the graph, or has no vector, or was ended
  Node nodes = 0;
  Node entry = 0;  ///< in the numbering of the highest level
  friend bool operator==(const GraphParameters&, const GraphParameters&) = default;
};

/// A level above 0. Its nodes have numbers of their own, from 0, by rising number in level 0.
struct GraphLevel {
  std::vector<Node> nodes;  ///< their numbers in level 0
  std::vector<Node> below;  ///< their numbers in the level below
  std::vector<Node> links;  ///< m places per node, in this level's numbers
};

/// A vector that is to be in a graph. Points into a view, which the owner keeps.
struct SourceVector {
  Row row = 0;
  std::string_view id;
  const float* vector = nullptr;
  bool live = true;  ///< a node that is not live only leads on
};

struct GraphContents {
  GraphParameters parameters;
  std::vector<SourceVector> sources;  ///< one for each node
  std::vector<Node> links;            ///< of level 0: 2 m places per node
  AlignedBytes codes;                 ///< code_bytes() of the quantizer per node
  std::vector<GraphLevel> levels;     ///< [0] is level 1
};

}  // namespace mosaic::index
