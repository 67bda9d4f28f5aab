// Nodes with equal codes. A crowd of them would link to one another alone and so cut the graph in
// pieces: only the first of each is linked as the algorithm says, the original; the others, its
// copies, hang below it as a tree. Every copy links to its original, so no walk ends among them.
#pragma once

#include <vector>

#include "index/graph/graph_contents.hpp"
#include "index/graph/graph_file.hpp"

namespace mosaic::index {

/// For each node of `contents`, whose codes are not there yet, the first node with the same code;
/// itself for an original. `base`, where there is one, holds the codes of the first nodes.
std::vector<Node> originals_of(const GraphContents& contents, const GraphFile* base);

/// Links copies and their originals in level 0, where copies have no links yet. An original whose
/// links are all taken gives up the one to its farthest neighbour.
void link_copies(GraphContents& contents, const std::vector<Node>& originals);

}  // namespace mosaic::index
