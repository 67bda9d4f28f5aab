// A graph that searches walk: a mapped file, what of it is hot in memory of its own, and which of
// its rows have ended since. One writer ends rows; any number of threads search.
#pragma once

#include <atomic>
#include <cstdlib>
#include <memory>

#include "index/codes/quantizer.hpp"
#include "index/graph/graph_file.hpp"
#include "index/graph/node_map.hpp"
#include "index/graph/walk.hpp"

namespace mosaic::index {

class HotArrays;

class Graph {
 public:
  explicit Graph(std::shared_ptr<const GraphFile> file);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  const GraphFile& file() const { return *file_; }
  const GraphParameters& parameters() const { return file_->parameters(); }
  const Quantizer& quantizer() const { return quantizer_; }
  const NodeMap& node_map() const { return node_map_; }

  /// Copies links and codes into memory with huge pages where the system gives them, comparing
  /// everything with its checksums: from then on searches do not. corrupt_data when they differ;
  /// ends early, with nothing done, once `stop` is true. Runs for a while, beside searches.
  Status load_hot(const std::atomic<bool>& stop);
  bool hot() const { return hot_.load(std::memory_order_acquire) != nullptr; }

  /// Where the loops find it, hot or not, and the loops for that.
  struct Walkable {
    WalkGraph graph;
    WalkLoops loops;
  };
  Walkable walkable() const;

  /// From entry `seq_ended` on the row is no longer live. False when it is not in the graph or had
  /// ended before.
  bool end(Row row, Seq seq_ended);
  bool live_at(Node node, Seq seq) const {
    const auto ended = ended_[node].load(std::memory_order_relaxed);
    return ended == 0 || ended > seq;
  }
  /// When the node ended; 0 when it has not.
  Seq ended(Node node) const { return ended_[node].load(std::memory_order_relaxed); }
  std::size_t live() const { return live_.load(std::memory_order_relaxed); }

  /// Bytes of memory of its own, about; those of the mapped file are the system's to give and take.
  std::size_t memory_bytes() const;

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  const std::shared_ptr<const GraphFile> file_;
  const Quantizer quantizer_;
  const NodeMap node_map_;
  std::unique_ptr<const HotArrays> hot_owner_;
  std::atomic<const HotArrays*> hot_{nullptr};
  /// Zero pages until something ends. Relaxed, as VectorChunk::ended.
  std::unique_ptr<std::atomic<Seq>[], Free> ended_;
  std::atomic<std::size_t> live_;
};

}  // namespace mosaic::index
