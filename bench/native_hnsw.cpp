#include "native_hnsw.hpp"

// What hnswlib includes.
#include <cpuid.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <deque>
#include <fstream>
#include <iostream>
#include <limits>
#include <list>
#include <mutex>
#include <queue>
#include <random>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

// In a namespace without a name, so that the linker does not take these functions, compiled for
// this CPU, and those of the library that is measured for one another.
namespace {
#include <hnswlib/hnswlib.h>
}  // namespace

namespace mosaic::bench {
namespace {

std::unique_ptr<hnswlib::SpaceInterface<float>> space_for(Metric metric, std::uint32_t dimension) {
  if (metric == Metric::kL2) return std::make_unique<hnswlib::L2Space>(dimension);
  if (metric == Metric::kL1) throw std::runtime_error("hnswlib has no l1");
  return std::make_unique<hnswlib::InnerProductSpace>(dimension);
}

}  // namespace

struct NativeHnsw::Library {
  std::unique_ptr<hnswlib::SpaceInterface<float>> space;
  hnswlib::HierarchicalNSW<float> index;
};

NativeHnsw::NativeHnsw(Metric metric, std::uint32_t dimension, std::size_t rows_max, std::size_t m,
                       std::size_t ef_construction) {
  auto space = space_for(metric, dimension);
  auto* const distance = space.get();
  library_.reset(new Library{std::move(space), {distance, rows_max, m, ef_construction}});
}

NativeHnsw::NativeHnsw(Metric metric, std::uint32_t dimension, const std::string& path) {
  auto space = space_for(metric, dimension);
  auto* const distance = space.get();
  library_.reset(new Library{std::move(space), {distance, path}});
  library_->index.num_deleted_ = 0;  // loading leaves it unset
}

NativeHnsw::~NativeHnsw() = default;

void NativeHnsw::add(const float* vector, std::size_t number) {
  library_->index.addPoint(vector, number);
}

void NativeHnsw::search(const float* query, std::size_t k, std::size_t ef,
                        std::vector<std::size_t>& found) {
  library_->index.setEf(ef);
  auto nearest = library_->index.searchKnn(query, k);
  found.clear();
  for (; !nearest.empty(); nearest.pop()) found.push_back(nearest.top().second);
}

void NativeHnsw::nearest(const float* query, std::size_t k, std::size_t ef,
                         std::vector<std::pair<float, std::size_t>>& found) {
  library_->index.setEf(ef);
  auto nearest = library_->index.searchKnn(query, k);
  found.resize(nearest.size());
  for (; !nearest.empty(); nearest.pop()) found[nearest.size() - 1] = nearest.top();
}

void NativeHnsw::save(const std::string& path) {
  library_->index.saveIndex(path);
}

}  // namespace mosaic::bench
