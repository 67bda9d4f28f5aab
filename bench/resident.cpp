#include "resident.hpp"

#include <fmt/format.h>
#include <stdio.h>

#include <fstream>
#include <random>
#include <stdexcept>

#include "base/failure.hpp"
#include "index/vector_set.hpp"
#include "index_contest.hpp"
#include "native_hnsw.hpp"

namespace mosaic::bench {
namespace {

constexpr int kSearches = 1'000;
constexpr std::size_t kBeam = 100;

Resident resident_now() {
  std::ifstream status("/proc/self/status");
  Resident now;
  for (std::string line; std::getline(status, line);) {
    const auto kib = [&line] { return std::stod(line.substr(line.find(':') + 1)) * 1'024; };
    if (line.starts_with("RssAnon:")) now.own = kib();
    if (line.starts_with("RssFile:")) now.mapped = kib();
  }
  return now;
}

Vector random_query(std::mt19937_64& random, std::uint32_t dimension) {
  std::normal_distribution<float> normal;
  Vector query(dimension);
  for (float& x : query) x = normal(random);
  return query;
}

}  // namespace

std::shared_ptr<index::Graph> open_graph(const std::filesystem::path& path, Metric metric,
                                         std::uint32_t dimension) {
  auto file = index::GraphFile::open(path, {kCollection, kShard, metric, dimension, 1});
  if (!file) throw Failure(file.error());
  return std::make_shared<index::Graph>(*file);
}

void print_resident(const std::string& which, Metric metric, std::uint32_t dimension,
                    const std::filesystem::path& folder) {
  const auto before = resident_now();
  std::optional<index::VectorView> view;
  std::optional<NativeHnsw> hnswlib;
  const std::atomic<bool> stop = false;
  if (which == "mosaic") {
    auto graph = open_graph(folder / "mosaic", metric, dimension);
    if (const auto loaded = graph->load_hot(stop); !loaded) throw Failure(loaded.error());
    view = index::VectorSet(metric, dimension, graph).view(1);
  } else {
    hnswlib.emplace(metric, dimension, (folder / "hnswlib").string());
  }
  std::mt19937_64 random(1);
  std::vector<std::size_t> found;
  for (int i = 0; i < kSearches; ++i) {
    const auto query = random_query(random, dimension);
    if (view) {
      const auto nearest = view->nearest({query, kNearest, nullptr, kBeam, false, {}});
      if (!nearest) throw Failure(nearest.error());
    } else {
      hnswlib->search(query.data(), kNearest, kBeam, found);
    }
  }
  const auto after = resident_now();
  fmt::print("{} {}\n", after.own - before.own, after.mapped - before.mapped);
}

Resident measure_resident(const std::string& program, const std::string& which, Metric metric,
                          std::uint32_t dimension, const std::filesystem::path& folder) {
  const auto command = fmt::format("'{}' --resident {} --metric {} --dimension {} --folder '{}'",
                                   program, which, to_string(metric), dimension, folder.string());
  const std::unique_ptr<FILE, int (*)(FILE*)> process(popen(command.c_str(), "r"), pclose);
  Resident resident;
  if (!process || fscanf(process.get(), "%lf %lf", &resident.own, &resident.mapped) != 2) {
    throw std::runtime_error(fmt::format("failed: {}", command));
  }
  return resident;
}

}  // namespace mosaic::bench
