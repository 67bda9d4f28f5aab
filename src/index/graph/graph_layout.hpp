// What is where in an index file; docs/INDEX_FORMAT.md describes it byte by byte. Pure: from the
// numbers of a header follow the places of everything else. A header may hold any numbers: no sum
// here overflows.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "index/graph/graph_contents.hpp"

namespace mosaic::index {

static_assert(std::endian::native == std::endian::little, "the formats on disk are little-endian");

constexpr std::array<char, 8> kGraphMagic = {'M', 'O', 'S', 'A', 'I', 'C', 'I', 'X'};
constexpr std::uint32_t kGraphFormatVersion = 3;
/// Of a graph with m = 2 and as many nodes as there may be, by far.
constexpr std::size_t kGraphLevelsMax = 64;
constexpr std::size_t kLinksMax = 128;  ///< as IndexSettings::m

/// In the order of the file. What open() reads comes first, in one piece.
enum class Section : std::uint32_t {
  kChecksums,
  kRows,
  kLive,
  kLevels,
  kCenter,
  kIdOffsets,
  kLinks,
  kCodes,
  kVectors,
  kIds
};
constexpr std::size_t kSections = 10;

std::string_view to_string(Section section);

/// The section is verified in blocks, whose checksums are in kChecksums.
constexpr bool has_blocks(Section section) {
  return section == Section::kRows || section == Section::kLive || section == Section::kLevels ||
         section == Section::kCenter || section == Section::kLinks || section == Section::kCodes;
}

struct SectionEntry {
  Section section = Section::kChecksums;
  std::uint32_t zero = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t end() const { return offset + bytes; }
  friend bool operator==(const SectionEntry&, const SectionEntry&) = default;
};

/// The first bytes of the file.
struct GraphHeader {
  std::array<char, 8> magic = kGraphMagic;
  std::uint32_t version = kGraphFormatVersion;
  std::uint32_t section_count = kSections;
  std::uint64_t file_bytes = 0;
  std::uint64_t collection = 0;
  std::uint64_t seq = 0;
  std::int64_t last_row = 0;
  std::uint32_t shard = 0;
  std::uint32_t dimension = 0;
  std::uint32_t metric = 0;
  std::uint32_t quantization = 0;         ///< of the codes
  std::uint32_t quantization_wanted = 0;  ///< that the collection asked for
  float step = 1;
  std::uint32_t m = 0;
  std::uint32_t ef_construction = 0;
  std::uint32_t nodes = 0;
  std::uint32_t entry = 0;
  std::uint32_t levels = 0;
  std::uint32_t center_numbers = 0;                          ///< dimension, or none
  std::array<std::uint32_t, kGraphLevelsMax> level_nodes{};  ///< [0] is level 1
  std::array<SectionEntry, kSections> sections{};
  std::uint64_t checksums_checksum = 0;  ///< of the section kChecksums
  std::uint64_t checksum = 0;            ///< of everything before
};
static_assert(sizeof(GraphHeader) == 608 && std::is_trivially_copyable_v<GraphHeader>);

/// Where the arrays of a level above 0 begin in the file.
struct LevelPlace {
  std::uint64_t nodes = 0;
  std::uint64_t below = 0;
  std::uint64_t links = 0;
};

struct GraphLayout {
  std::array<SectionEntry, kSections> sections{};
  std::array<LevelPlace, kGraphLevelsMax> levels{};
  std::size_t link_stride = 0;
  std::size_t code_bytes = 0;
  std::size_t record_bytes = 0;  ///< of a stored vector
  std::uint64_t file_bytes = 0;

  const SectionEntry& operator[](Section section) const {
    return sections[static_cast<std::size_t>(section)];
  }
  /// Which checksum of kChecksums is that of the section's first block.
  std::size_t first_block(Section section) const;
};

/// Of the counts in `header` and the bytes of its section kIds alone. Nothing when the file would
/// be too large to be mapped, or there are more levels than a file can have.
std::optional<GraphLayout> layout_of(const GraphHeader& header);

/// A stored vector: this, dimension float32, zeros up to a multiple of 8.
struct RecordHead {
  std::uint64_t checksum = 0;
  double scale = 0;  ///< Measure::scale_of
};

std::size_t blocks_in(std::size_t bytes);
std::uint64_t checksum_of(std::span<const std::byte> bytes, std::uint64_t seed = 0);
std::uint64_t header_checksum(const GraphHeader& header);
/// Of a whole record, but for the checksum in it, and of what belongs to it elsewhere.
std::uint64_t record_checksum(std::span<const std::byte> record, std::string_view id, Row row);

}  // namespace mosaic::index
