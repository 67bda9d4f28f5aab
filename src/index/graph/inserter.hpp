// Puts elements into a graph that grows (Malkov, Yashunin: TPAMI 2018, algorithm 1). Owned by one
// build; inserts from any thread. Searches take no lock: an element can be reached only when all of
// its own links are there, and whoever changes a list holds its lock.
#pragma once

#include <mutex>
#include <span>
#include <vector>

#include "index/graph/insertion.hpp"

namespace mosaic::index {

class Inserter {
 public:
  /// `ef`: so many of the nearest are looked at for each element. `locks`: one for each.
  Inserter(const GrowingGraph& graph, CodeKind kind, std::size_t ef, std::span<std::mutex> locks);

  /// The element has its code and empty lists up to `level`. `entry` is one of level `top` that is
  /// linked already.
  void insert(Node element, std::size_t level, Node entry, std::size_t top);

 private:
  struct Scratch;

  void link(std::size_t level, Node from, Node to, Scratch& scratch);
  const std::byte* code_of(Node element) const {
    return graph_.elements.codes + element * graph_.elements.code_bytes;
  }
  std::size_t places(std::size_t level) const {
    return level == 0 ? graph_.elements.degree : graph_.elements.m;
  }

  const GrowingGraph graph_;
  const InsertionLoops loops_;
  const std::size_t ef_;
  const std::span<std::mutex> locks_;
};

}  // namespace mosaic::index
