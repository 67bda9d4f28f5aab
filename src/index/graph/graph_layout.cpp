#include "index/graph/graph_layout.hpp"

#include "base/checksum.hpp"
#include "base/mapped_file.hpp"
#include "index/graph/graph_file.hpp"

namespace mosaic::index {
namespace {

/// Wide enough for any product of three numbers of a header and for their sum.
__extension__ using Wide = unsigned __int128;

constexpr std::size_t kLineBytes = 64;
constexpr std::size_t kPageBytes = 4'096;

constexpr Wide up_to(Wide bytes, std::size_t multiple) {
  return (bytes + multiple - 1) / multiple * multiple;
}

constexpr std::size_t alignment(Section section) {
  return section == Section::kLinks || section == Section::kCodes ? kPageBytes : kLineBytes;
}

/// Puts one thing behind another.
class Places {
 public:
  /// Nothing when it would end beyond what can be mapped.
  std::optional<std::uint64_t> next(Wide bytes, std::size_t multiple) {
    const Wide begin = up_to(end_, multiple);
    if (begin + bytes > kMappedBytesMax) return std::nullopt;
    end_ = static_cast<std::uint64_t>(begin + bytes);
    return static_cast<std::uint64_t>(begin);
  }
  std::uint64_t end() const { return end_; }

 private:
  std::uint64_t end_ = sizeof(GraphHeader);
};

using Sizes = std::array<Wide, kSections>;

Wide& size_of(Sizes& sizes, Section section) {
  return sizes[static_cast<std::size_t>(section)];
}

Wide level_bytes(const GraphHeader& header) {
  Wide bytes = 0;
  for (std::size_t i = 0; i < header.levels; ++i) {
    const Wide numbers = up_to(Wide{header.level_nodes[i]} * sizeof(Node), kLineBytes);
    const Wide links = Wide{header.level_nodes[i]} * header.m * sizeof(Node);
    bytes += 2 * numbers + up_to(links, kLineBytes);
  }
  return bytes;
}

Sizes sizes_of(const GraphHeader& header, Wide link_stride, Wide code_bytes, Wide record_bytes) {
  const Wide nodes = header.nodes;
  Sizes sizes{};
  size_of(sizes, Section::kRows) = nodes * sizeof(Row);
  size_of(sizes, Section::kLive) = up_to(nodes, 64) / 8;
  size_of(sizes, Section::kLevels) = level_bytes(header);
  size_of(sizes, Section::kCenter) = Wide{header.center_numbers} * sizeof(float);
  size_of(sizes, Section::kIdOffsets) = (nodes + 1) * sizeof(std::uint64_t);
  size_of(sizes, Section::kLinks) = nodes * link_stride;
  size_of(sizes, Section::kCodes) = nodes * code_bytes;
  size_of(sizes, Section::kVectors) = nodes * record_bytes;
  size_of(sizes, Section::kIds) = header.sections[static_cast<std::size_t>(Section::kIds)].bytes;
  Wide blocks = 0;
  for (std::size_t i = 0; i < kSections; ++i) {
    if (has_blocks(static_cast<Section>(i))) blocks += up_to(sizes[i], kVerifiedBlock);
  }
  size_of(sizes, Section::kChecksums) = blocks / kVerifiedBlock * sizeof(std::uint64_t);
  return sizes;
}

void place_levels(const GraphHeader& header, GraphLayout& layout) {
  std::uint64_t at = layout[Section::kLevels].offset;
  const auto next = [&](std::uint64_t count) {
    const auto begin = at;
    at += static_cast<std::uint64_t>(up_to(Wide{count} * sizeof(Node), kLineBytes));
    return begin;
  };
  for (std::size_t i = 0; i < header.levels; ++i) {
    const std::uint64_t nodes = header.level_nodes[i];
    auto& place = layout.levels[i];
    place.nodes = next(nodes);
    place.below = next(nodes);
    place.links = next(nodes * header.m);
  }
}

}  // namespace

std::string_view to_string(Section section) {
  constexpr std::array<std::string_view, kSections> kNames = {
      "checksums",  "rows",  "live bits", "levels",  "center",
      "id offsets", "links", "codes",     "vectors", "ids"};
  return kNames[static_cast<std::size_t>(section)];
}

std::size_t GraphLayout::first_block(Section section) const {
  std::size_t block = 0;
  for (const auto& entry : sections) {
    if (entry.section == section) break;
    if (has_blocks(entry.section)) block += blocks_in(entry.bytes);
  }
  return block;
}

std::optional<GraphLayout> layout_of(const GraphHeader& header) {
  if (header.levels > kGraphLevelsMax) return std::nullopt;
  const Wide code_bits =
      header.dimension * Wide{bits_per_number(static_cast<Quantization>(header.quantization))};
  const Wide link_stride = up_to(Wide{header.m} * 2 * sizeof(Node), kLineBytes);
  const Wide code_bytes = up_to(code_bits, 8 * kCodeBlock) / 8;
  const Wide record_bytes =
      up_to(sizeof(RecordHead) + Wide{header.dimension} * sizeof(float), alignof(RecordHead));
  const auto sizes = sizes_of(header, link_stride, code_bytes, record_bytes);

  GraphLayout layout;
  layout.link_stride = static_cast<std::size_t>(link_stride);
  layout.code_bytes = static_cast<std::size_t>(code_bytes);
  layout.record_bytes = static_cast<std::size_t>(record_bytes);
  Places places;
  for (std::size_t i = 0; i < kSections; ++i) {
    const auto section = static_cast<Section>(i);
    const auto offset = places.next(sizes[i], alignment(section));
    if (!offset) return std::nullopt;
    layout.sections[i] = {section, 0, *offset, static_cast<std::uint64_t>(sizes[i])};
  }
  layout.file_bytes = places.end();
  place_levels(header, layout);
  return layout;
}

std::size_t blocks_in(std::size_t bytes) {
  return (bytes + kVerifiedBlock - 1) / kVerifiedBlock;
}

std::uint64_t checksum_of(std::span<const std::byte> bytes, std::uint64_t seed) {
  return checksum({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, seed);
}

std::uint64_t header_checksum(const GraphHeader& header) {
  return checksum_of(std::as_bytes(std::span(&header, 1)).first(offsetof(GraphHeader, checksum)));
}

std::uint64_t record_checksum(std::span<const std::byte> record, std::string_view id, Row row) {
  const auto of_id = checksum(id, static_cast<std::uint64_t>(row));
  return checksum_of(record.subspan(offsetof(RecordHead, scale)), of_id);
}

}  // namespace mosaic::index
