// Memory that an opened index keeps, measured in a process of its own.
#pragma once

#include <filesystem>
#include <string>

#include <memory>

#include "index/graph/graph.hpp"

namespace mosaic::bench {

/// In bytes.
struct Resident {
  double own = 0;     ///< anonymous pages
  double mapped = 0;  ///< pages of files, which the system takes back when it needs them
};

/// Rows of the graph are of this collection and shard.
constexpr CollectionId kCollection{1};
constexpr ShardId kShard{0};

/// Opens the file `which` of `folder`, the graph or hnswlib's index, in a process of its own and
/// searches it. `program`: this one.
Resident measure_resident(const std::string& program, const std::string& which, Metric metric,
                          std::uint32_t dimension, const std::filesystem::path& folder);

/// What that process does: prints the two numbers. `which`: "mosaic" or "hnswlib".
void print_resident(const std::string& which, Metric metric, std::uint32_t dimension,
                    const std::filesystem::path& folder);

/// Throws Failure.
std::shared_ptr<index::Graph> open_graph(const std::filesystem::path& path, Metric metric,
                                         std::uint32_t dimension);

}  // namespace mosaic::bench
