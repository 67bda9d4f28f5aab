// Writes the vectors that index_bench makes from a seed as .fvecs files, so that a node and other
// programs can be measured with the same ones: base.fvecs and query.fvecs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "vector_data.hpp"

int main(int argc, char** argv) {
  using namespace mosaic::bench;
  std::string folder;
  std::uint32_t dimension = 128;
  std::size_t rows = 100'000;
  std::size_t queries = 500;
  Clusters clusters;
  CLI::App app("Writes vectors of clusters, of length 1, and queries drawn like them.");
  app.add_option("folder", folder, "where base.fvecs and query.fvecs go")->required();
  app.add_option("--dimension", dimension)->check(CLI::Range(1U, mosaic::kDimensionMax));
  app.add_option("--rows", rows)->check(CLI::PositiveNumber);
  app.add_option("--queries", queries)->check(CLI::PositiveNumber);
  app.add_option("--seed", clusters.seed);
  CLI11_PARSE(app, argc, argv);
  try {
    const auto data = clustered(mosaic::Metric::kCosine, dimension, rows, queries, clusters);
    std::filesystem::create_directories(folder);
    write_fvecs(folder + "/base.fvecs", data.base, dimension);
    write_fvecs(folder + "/query.fvecs", data.queries, dimension);
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_vectors: {}\n", error.what());
    return 1;
  }
}
