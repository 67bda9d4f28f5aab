// Index files for tests: random contents that obey the rules of a graph, without being a good one;
// ways to read and compare all of a file; and the hand of somebody who can compute checksums.
#pragma once

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "base/mapped_file.hpp"
#include "index/codes/quantizer.hpp"
#include "index/graph/graph_file.hpp"
#include "index/graph/graph_layout.hpp"
#include "index/measure.hpp"
#include "unit/index/vectors.hpp"

namespace mosaic::index::test {

struct GraphShape {
  Metric metric = Metric::kCosine;
  Quantization quantization = Quantization::kInt8;
  std::uint32_t dimension = 3;
  Node nodes = 5;
  std::uint32_t m = 2;
  std::size_t levels = 2;
  bool narrow = false;  ///< has a center though it need not
};

/// Contents with the ids and vectors that they point to.
struct GraphSample {
  std::vector<std::string> ids;
  std::vector<Vector> vectors;
  GraphContents contents;
};

/// `places` for links: some to nodes below `nodes`, kNoNode behind them.
inline void add_links(Random& random, std::vector<Node>& links, std::size_t places, Node nodes) {
  const auto used = random() % (places + 1);
  for (std::size_t i = 0; i < places; ++i) {
    links.push_back(i < used ? static_cast<Node>(random() % nodes) : kNoNode);
  }
}

inline GraphLevel random_level(Random& random, const std::vector<Node>& below, std::uint32_t m) {
  GraphLevel level;
  const auto sure = random() % below.size();
  for (std::size_t i = 0; i < below.size(); ++i) {
    if (i != sure && random() % 2 == 0) continue;
    level.nodes.push_back(below[i]);
    level.below.push_back(static_cast<Node>(i));
  }
  const auto size = static_cast<Node>(level.nodes.size());
  for (Node i = 0; i < size; ++i) add_links(random, level.links, m, size);
  return level;
}

inline GraphSample random_graph(Random& random, const GraphShape& shape) {
  GraphSample sample;
  auto& [parameters, sources, links, codes, levels] = sample.contents;
  parameters.collection = {1 + random() % 1'000};
  parameters.shard = {static_cast<std::uint32_t>(random() % 16)};
  parameters.codes = {shape.metric, shape.quantization, shape.dimension, 0.25F, {}};
  if (shape.narrow || has_center(shape.metric, shape.quantization))
    parameters.codes.center = random_vector(random, shape.dimension);
  parameters.wanted = shape.quantization;
  parameters.m = shape.m;
  parameters.seq = 1 + random() % 1'000'000;
  parameters.nodes = shape.nodes;
  Row row = 0;
  for (Node node = 0; node < shape.nodes; ++node) {
    row += static_cast<Row>(1 + random() % 3);
    sample.ids.push_back(id_of(node));
    sample.vectors.push_back(random_vector(random, shape.dimension));
    sources.push_back({row, {}, nullptr, random() % 4 != 0});
    add_links(random, links, std::size_t{2} * shape.m, shape.nodes);
  }
  parameters.last_row = row + static_cast<Row>(random() % 3);
  for (Node node = 0; node < shape.nodes; ++node) {
    sources[node].id = sample.ids[node];
    sources[node].vector = sample.vectors[node].data();
  }
  const auto code_bytes = Quantizer(parameters.codes).code_bytes() * shape.nodes;
  codes = aligned_bytes(code_bytes);
  std::generate_n(codes.get(), code_bytes, [&] { return static_cast<std::byte>(random()); });
  std::vector<Node> below(shape.nodes);
  std::iota(below.begin(), below.end(), Node{0});
  for (std::size_t i = 0; i < shape.levels; ++i) {
    levels.push_back(random_level(random, below, shape.m));
    below = levels.back().nodes;
  }
  parameters.entry = static_cast<Node>(random() % below.size());
  return sample;
}

inline GraphFile::Expected expected_of(const GraphContents& contents) {
  const auto& parameters = contents.parameters;
  return {parameters.collection, parameters.shard, parameters.codes.metric,
          parameters.codes.dimension, parameters.seq};
}

/// Reads all there is; whether nothing of it was found damaged.
inline bool reads_whole(const GraphFile& file) {
  bool whole = file.links().verify(0, file.links().size());
  whole &= file.codes().verify(0, file.codes().size());
  double sum = 0;
  std::size_t bytes = 0;
  for (Node node = 0; node < file.nodes(); ++node) {
    file.prefetch_stored(node);
    const auto stored = file.stored(node);
    whole &= stored.has_value();
    if (!stored) continue;
    sum = std::accumulate(stored->vector, stored->vector + file.parameters().codes.dimension, sum);
    bytes += static_cast<std::size_t>(std::count(stored->id.begin(), stored->id.end(), 'x'));
    whole &= file.find(stored->row) == node;
    bytes += file.live(node) ? 1 : 0;
  }
  volatile double used = sum + static_cast<double>(bytes);
  static_cast<void>(used);
  return whole && file.intact();
}

/// The file can be opened and nothing of it is damaged.
inline bool is_sound(const std::filesystem::path& path, const GraphFile::Expected& expected) {
  const auto file = GraphFile::open(path, expected);
  return file.ok() && reads_whole(**file);
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void put_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline GraphHeader header_in(const std::string& bytes) {
  GraphHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

/// With checksums that are right for what the file now says, as far as there are places for them.
inline std::string signed_again(std::string bytes, GraphHeader header) {
  const auto span_of = [&](std::uint64_t offset, std::uint64_t size) {
    return std::as_bytes(std::span(bytes)).subspan(offset, size);
  };
  const auto layout = layout_of(header);
  if (layout && layout->file_bytes <= bytes.size()) {
    const auto table = (*layout)[Section::kChecksums];
    auto at = table.offset;
    for (const auto& entry : layout->sections) {
      if (!has_blocks(entry.section)) continue;
      for (std::uint64_t begin = 0; begin < entry.bytes; begin += kVerifiedBlock) {
        const auto size = std::min<std::uint64_t>(kVerifiedBlock, entry.bytes - begin);
        const auto sum = checksum_of(span_of(entry.offset + begin, size));
        std::memcpy(&bytes[at], &sum, sizeof sum);
        at += sizeof sum;
      }
    }
    header.checksums_checksum = checksum_of(span_of(table.offset, table.bytes));
  }
  header.checksum = header_checksum(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

}  // namespace mosaic::index::test
