#include "vector_data.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>

namespace mosaic::bench {
namespace {

constexpr std::size_t kCentreDimensions = 48;

class Mixture {
 public:
  Mixture(std::uint32_t dimension, const Clusters& clusters)
      : dimension_(dimension),
        directions_(clusters.directions),
        noise_(static_cast<float>(clusters.noise / std::sqrt(dimension))),
        random_(clusters.seed),
        centres_(clusters.count * dimension),
        axes_(clusters.count * clusters.directions * dimension) {
    place_centres();
    std::vector<double> sizes;
    for (std::size_t i = 0; i < clusters.count; ++i) {
      sizes.push_back(std::pow(static_cast<double>(i) + 3, -0.6));
      for (std::size_t j = 0; j < directions_; ++j) {
        const auto length = clusters.spread / std::pow(1 + static_cast<double>(j), 0.35);
        fill(axes_.data() + (i * directions_ + j) * dimension_, length);
      }
    }
    cluster_ = std::discrete_distribution<std::size_t>(sizes.begin(), sizes.end());
  }

  std::vector<float> draw(std::size_t count) {
    std::vector<float> vectors(count * dimension_);
    for (std::size_t i = 0; i < count; ++i) draw_one(vectors.data() + i * dimension_);
    return vectors;
  }

 private:
  /// With normal numbers, so that the length is about `length`.
  void fill(float* vector, double length) {
    const auto scale = static_cast<float>(length / std::sqrt(dimension_));
    for (std::size_t i = 0; i < dimension_; ++i) vector[i] = scale * normal_(random_);
  }

  static void add(float* sum, const float* vector, float factor, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) sum[i] += factor * vector[i];
  }

  void place_centres() {
    std::vector<float> axes(kCentreDimensions * dimension_);
    for (std::size_t i = 0; i < kCentreDimensions; ++i) fill(axes.data() + i * dimension_, 1);
    const auto scale = static_cast<float>(1 / std::sqrt(kCentreDimensions));
    for (std::size_t at = 0; at < centres_.size(); at += dimension_) {
      for (std::size_t i = 0; i < kCentreDimensions; ++i) {
        add(&centres_[at], axes.data() + i * dimension_, scale * normal_(random_), dimension_);
      }
    }
  }

  void draw_one(float* vector) {
    const auto cluster = cluster_(random_);
    const auto* centre = centres_.data() + cluster * dimension_;
    std::copy(centre, centre + dimension_, vector);
    for (std::size_t i = 0; i < directions_; ++i) {
      const auto* axis = axes_.data() + (cluster * directions_ + i) * dimension_;
      add(vector, axis, normal_(random_), dimension_);
    }
    for (std::size_t i = 0; i < dimension_; ++i) vector[i] += noise_ * normal_(random_);
  }

  std::size_t dimension_;
  std::size_t directions_;
  float noise_;
  std::mt19937_64 random_;
  std::normal_distribution<float> normal_;
  std::discrete_distribution<std::size_t> cluster_;
  std::vector<float> centres_;
  std::vector<float> axes_;
};

/// hnswlib takes cosine as the inner product of vectors of length 1.
void normalise(std::vector<float>& vectors, std::size_t dimension) {
  for (std::size_t at = 0; at < vectors.size(); at += dimension) {
    double squares = 0;
    for (std::size_t i = at; i < at + dimension; ++i) squares += double{vectors[i]} * vectors[i];
    const auto scale = static_cast<float>(squares == 0 ? 0 : 1 / std::sqrt(squares));
    for (std::size_t i = at; i < at + dimension; ++i) vectors[i] *= scale;
  }
}

std::vector<float> read_fvecs(const std::string& path, std::uint32_t& dimension,
                              std::size_t rows_max) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) throw std::runtime_error(fmt::format("cannot open {}", path));
  std::vector<float> vectors;
  std::uint32_t size = 0;
  for (std::size_t row = 0; row < rows_max; ++row) {
    const int got = gzread(file.get(), &size, sizeof size);
    if (got == 0) break;
    if (got != sizeof size || size == 0 || size > kDimensionMax ||
        (dimension != 0 && size != dimension)) {
      throw std::runtime_error(fmt::format("{}: row {} has {} dimensions", path, row, size));
    }
    dimension = size;
    vectors.resize(vectors.size() + size);
    const auto bytes = static_cast<int>(size * sizeof(float));
    if (gzread(file.get(), &vectors[vectors.size() - size], static_cast<unsigned>(bytes)) !=
        bytes) {
      throw std::runtime_error(fmt::format("{} ends within row {}", path, row));
    }
  }
  if (vectors.empty()) throw std::runtime_error(fmt::format("{} is empty", path));
  return vectors;
}

}  // namespace

VectorData clustered(Metric metric, std::uint32_t dimension, std::size_t rows, std::size_t queries,
                     const Clusters& clusters) {
  VectorData data;
  data.name = fmt::format("clusters {} x {}", rows, dimension);
  data.metric = metric;
  data.dimension = dimension;
  Mixture mixture(dimension, clusters);
  data.base = mixture.draw(rows);
  data.queries = mixture.draw(queries);
  if (metric == Metric::kCosine) {
    normalise(data.base, dimension);
    normalise(data.queries, dimension);
  }
  return data;
}

VectorData from_fvecs(Metric metric, const std::string& base, const std::string& queries,
                      std::size_t queries_max) {
  VectorData data;
  data.base = read_fvecs(base, data.dimension, SIZE_MAX);
  data.queries = read_fvecs(queries, data.dimension, queries_max);
  data.name =
      fmt::format("{} {} x {}", std::filesystem::absolute(base).parent_path().filename().string(),
                  data.size(), data.dimension);
  data.metric = metric;
  if (metric == Metric::kCosine) {
    normalise(data.base, data.dimension);
    normalise(data.queries, data.dimension);
  }
  return data;
}

void write_fvecs(const std::string& path, const std::vector<float>& vectors,
                 std::uint32_t dimension) {
  std::ofstream file(path, std::ios::binary);
  for (std::size_t at = 0; at < vectors.size(); at += dimension) {
    file.write(reinterpret_cast<const char*>(&dimension), sizeof dimension);
    file.write(reinterpret_cast<const char*>(&vectors[at]),
               static_cast<std::streamsize>(dimension * sizeof(float)));
  }
  file.close();
  if (!file) throw std::runtime_error(fmt::format("cannot write {}", path));
}

}  // namespace mosaic::bench
