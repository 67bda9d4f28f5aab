#include "index/graph/graph_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/failure.hpp"

namespace mosaic::index {
namespace {

template <class... Args>
void require(bool holds, fmt::format_string<Args...> otherwise, Args&&... args) {
  if (holds) [[likely]]
    return;
  throw Failure(ErrorCode::kCorruptData, fmt::format(otherwise, std::forward<Args>(args)...));
}

void check_identity(const GraphHeader& header, const GraphFile::Expected& expected) {
  require(header.collection == expected.collection.value && header.shard == expected.shard.value,
          "it is of collection {}, shard {}, not of collection {}, shard {}", header.collection,
          header.shard, expected.collection.value, expected.shard.value);
  require(header.dimension == expected.dimension, "its dimension is {}, not {}", header.dimension,
          expected.dimension);
  require(header.metric == static_cast<std::uint32_t>(expected.metric), "its metric is {}, not {}",
          header.metric, static_cast<std::uint32_t>(expected.metric));
  require(header.seq <= expected.last_seq, "it is of seq {}, ahead of its shard, which is at {}",
          header.seq, expected.last_seq);
}

void check_codes(const GraphHeader& header) {
  const auto quantization = static_cast<Quantization>(header.quantization);
  require(header.quantization_wanted <= static_cast<std::uint32_t>(Quantization::kBinary) &&
              header.quantization <= header.quantization_wanted &&
              has_codes(static_cast<Metric>(header.metric), quantization),
          "there is no quantization {} in the place of {} for metric {}", header.quantization,
          header.quantization_wanted, header.metric);
  require(std::isfinite(header.step) && header.step > 0, "its codes have a step of {}",
          header.step);
  const auto metric = static_cast<Metric>(header.metric);
  require(header.center_numbers == header.dimension
              ? may_have_center(metric)
              : header.center_numbers == 0 && !has_center(metric, quantization),
          "its center has {} numbers", header.center_numbers);
}

void check_counts(const GraphHeader& header) {
  require(header.m >= 1 && header.m <= kLinksMax, "m is {}", header.m);
  require(header.nodes >= 1 && header.nodes < kNoNode, "it has {} nodes", header.nodes);
  require(header.levels <= kGraphLevelsMax, "it has {} levels", header.levels);
  Node below = header.nodes;
  for (std::size_t i = 0; i < header.levels; ++i) {
    const auto nodes = header.level_nodes[i];
    require(nodes >= 1 && nodes <= below, "level {} has {} nodes above {}", i + 1, nodes, below);
    below = nodes;
  }
  require(header.entry < below, "its entry is node {} of {}", header.entry, below);
}

/// Whether all of `numbers` are below `end`, or may also be `also`.
bool all_below(std::span<const Node> numbers, Node end, Node also) {
  bool below = true;  // no early end: this way eight numbers and more are compared at a time
  for (const Node number : numbers) below &= (number < end) | (number == also);
  return below;
}

template <class T>
bool rising(std::span<const T> numbers) {
  bool rises = true;
  for (std::size_t i = 1; i < numbers.size(); ++i) rises &= numbers[i - 1] < numbers[i];
  return rises;
}

}  // namespace

void check_header(const GraphHeader& header, const GraphFile::Expected& expected) {
  require(header.magic == kGraphMagic, "it is not an index file");
  if (header.version != kGraphFormatVersion) {
    throw Failure(ErrorCode::kNotFound, fmt::format("its format version is {}, not {}",
                                                    header.version, kGraphFormatVersion));
  }
  require(header.checksum == header_checksum(header), "its header fails its checksum");
  check_identity(header, expected);
  check_codes(header);
  check_counts(header);
}

void check_layout(const GraphHeader& header, const GraphLayout& layout, std::size_t file_bytes) {
  require(header.section_count == kSections && header.sections == layout.sections,
          "its sections are not where they belong");
  require(file_bytes == layout.file_bytes && header.file_bytes == layout.file_bytes,
          "it has {} bytes, not {}", file_bytes, layout.file_bytes);
}

void check_rows(std::span<const Row> rows, Row last_row) {
  require(rising(rows), "its rows do not rise");
  require(rows.front() >= 0 && rows.back() <= last_row, "its rows are {} to {}, the last may be {}",
          rows.front(), rows.back(), last_row);
}

void check_live(std::span<const std::uint64_t> live, Node nodes) {
  const auto used = nodes % 64;
  require(used == 0 || live.back() >> used == 0, "a live bit belongs to no node");
}

void check_center(std::span<const float> center) {
  bool finite = true;
  for (const float x : center) finite &= std::isfinite(x);
  require(finite, "a number of its center is not finite");
}

void check_levels(std::span<const GraphFile::Level> levels, const GraphParameters& parameters) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto& level = levels[i];
    const auto size = static_cast<Node>(level.nodes.size());
    require(rising(level.nodes) && level.nodes.back() < parameters.nodes,
            "the nodes of level {} do not rise or are none", i + 1);
    const auto below = i == 0 ? parameters.nodes : static_cast<Node>(levels[i - 1].nodes.size());
    require(all_below(level.below, below, 0), "a number of level {} is none of the level below",
            i + 1);
    require(all_below(level.links, size, kNoNode), "a link of level {} leads nowhere", i + 1);
    bool same = true;
    for (std::size_t j = 0; j < size; ++j) {
      const Node number = level.below[j];
      same &= (i == 0 ? number : levels[i - 1].nodes[number]) == level.nodes[j];
    }
    require(same, "a node of level {} is another one below", i + 1);
  }
}

}  // namespace mosaic::index
