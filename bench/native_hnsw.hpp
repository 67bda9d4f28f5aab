// hnswlib over float32, all of it compiled for the CPU that it runs on: what the index is compared
// with. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mosaic/collection.hpp"

namespace mosaic::bench {

class NativeHnsw {
 public:
  /// Cosine takes vectors of length 1; there is no l1.
  NativeHnsw(Metric metric, std::uint32_t dimension, std::size_t rows_max, std::size_t m,
             std::size_t ef_construction);
  /// What save() wrote.
  NativeHnsw(Metric metric, std::uint32_t dimension, const std::string& path);
  ~NativeHnsw();

  void add(const float* vector, std::size_t number);
  /// Puts the numbers of the `k` nearest into `found`.
  void search(const float* query, std::size_t k, std::size_t ef, std::vector<std::size_t>& found);
  /// The same with distances, nearest first.
  void nearest(const float* query, std::size_t k, std::size_t ef,
               std::vector<std::pair<float, std::size_t>>& found);
  void save(const std::string& path);

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace mosaic::bench
