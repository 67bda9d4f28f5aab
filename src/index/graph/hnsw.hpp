// A graph that grows in the arrays of hnswlib: takes codes in, gives links out. Owned by one build.
#pragma once

#include <memory>

#include "index/codes/quantizer.hpp"
#include "index/graph/graph_contents.hpp"
#include "index/graph/graph_file.hpp"

namespace mosaic::index {

class Hnsw {
 public:
  /// For `size` nodes under the m, ef_construction and codes of `parameters`. Throws
  /// std::bad_alloc.
  Hnsw(const GraphParameters& parameters, std::size_t size);
  ~Hnsw();

  /// Takes over those nodes of `base` that are their own originals, before anything is added. It
  /// has the same m and codes, which are known to be what was written. Throws corrupt_data where a
  /// link is damaged.
  void restore(const GraphFile& base, const std::vector<Node>& originals);

  /// How many levels there are above level 0.
  int top_level() const;

  /// Copies the code, which starts on a multiple of kCodeBlock. From any thread, each node once;
  /// but a node is added alone if it is the first, or rises above top_level().
  void add(Node node, int level, const std::byte* code);

  /// Fills links, levels and the entry. Nodes that were not added have no links.
  void copy_links(GraphContents& contents) const;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace mosaic::index
