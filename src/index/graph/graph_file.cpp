#include "index/graph/graph_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/failure.hpp"
#include "base/mapped_file.hpp"
#include "index/graph/graph_check.hpp"
#include "index/graph/graph_layout.hpp"

namespace mosaic::index {
namespace {

constexpr std::size_t kLineBytes = 64;
/// Of a longer record the CPU has seen by then where it goes on.
constexpr std::size_t kPrefetchBytesMax = 2'048;

[[noreturn]] void fail(std::string detail) {
  throw Failure(ErrorCode::kCorruptData, std::move(detail));
}

template <class T>
std::span<const T> as(const std::byte* bytes, std::size_t count) {
  return {reinterpret_cast<const T*>(bytes), count};
}

GraphParameters parameters_of(const GraphHeader& header) {
  const CodeFormat codes{static_cast<Metric>(header.metric),
                         static_cast<Quantization>(header.quantization), header.dimension,
                         header.step};
  return {CollectionId{header.collection},
          ShardId{header.shard},
          codes,
          static_cast<Quantization>(header.quantization_wanted),
          header.m,
          header.ef_construction,
          header.seq,
          header.last_row,
          header.nodes,
          header.entry};
}

/// Between two sections, where no checksum looks.
void check_gaps(std::span<const std::byte> file, const GraphLayout& layout) {
  std::uint64_t end = sizeof(GraphHeader);
  for (const auto& entry : layout.sections) {
    const auto gap = file.subspan(end, entry.offset - end);
    if (std::any_of(gap.begin(), gap.end(), [](std::byte byte) { return byte != std::byte{0}; })) {
      fail(fmt::format("there is something before its {}", to_string(entry.section)));
    }
    end = entry.end();
  }
}

}  // namespace

VerifiedBytes::VerifiedBytes(std::span<const std::byte> bytes,
                             std::span<const std::uint64_t> checksums)
    : data_(bytes.data()),
      size_(bytes.size()),
      checksums_(checksums),
      verified_(std::make_unique<std::atomic<bool>[]>(checksums.size())) {}

bool VerifiedBytes::is_block(std::size_t block, std::span<const std::byte> bytes) const {
  return checksum_of(bytes) == checksums_[block];
}

bool VerifiedBytes::verify_block(std::size_t block) const {
  const auto begin = block * kVerifiedBlock;
  if (!is_block(block, {data_ + begin, std::min(kVerifiedBlock, size_ - begin)})) return false;
  verified_[block].store(true, std::memory_order_relaxed);
  return true;
}

Result<std::shared_ptr<const GraphFile>> GraphFile::open(const std::filesystem::path& path,
                                                         const Expected& expected) {
  auto mapped = MappedFile::open(path);
  if (!mapped) return mapped.error();
  try {
    const std::shared_ptr<GraphFile> file(new GraphFile(std::move(*mapped)));
    const auto header = file->read_header(expected);
    const auto layout = layout_of(header);
    if (!layout) fail("it would be too large");
    check_layout(header, *layout, file->file_bytes());
    file->read_head(header, *layout);
    file->find_rest(*layout);
    return std::shared_ptr<const GraphFile>(file);
  } catch (const Failure& failure) {
    const auto& [code, detail] = failure.error();
    return Error{code, fmt::format("index file '{}': {}", path.filename().string(), detail)};
  }
}

GraphFile::GraphFile(std::unique_ptr<const MappedFile> mapped) : mapped_(std::move(mapped)) {}
GraphFile::~GraphFile() = default;

GraphHeader GraphFile::read_header(const Expected& expected) {
  GraphHeader header;
  if (file_bytes() < sizeof header) fail(fmt::format("it has {} bytes", file_bytes()));
  std::memcpy(&header, mapped_->bytes().data(), sizeof header);
  check_header(header, expected);
  parameters_ = parameters_of(header);
  return header;
}

void GraphFile::read_head(const GraphHeader& header, const GraphLayout& layout) {
  const auto size = layout[Section::kIdOffsets].offset;
  head_ = std::make_unique<HugeBytes>(size);
  std::memcpy(head_->data(), mapped_->bytes().data(), size);
  mapped_->release(0, size);

  const auto at = [&](Section section) { return head_->data() + layout[section].offset; };
  const auto bytes = layout[Section::kChecksums].bytes;
  if (checksum_of({at(Section::kChecksums), bytes}) != header.checksums_checksum) {
    fail("its checksums fail their checksum");
  }
  checksums_ = as<std::uint64_t>(at(Section::kChecksums), bytes / sizeof(std::uint64_t));
  for (const auto section : {Section::kRows, Section::kLive, Section::kLevels, Section::kCenter}) {
    if (!blocks_of(layout, section).verify(0, layout[section].bytes)) {
      fail(fmt::format("its {} fail their checksum", to_string(section)));
    }
  }
  rows_ = as<Row>(at(Section::kRows), nodes());
  check_rows(rows_, parameters_.last_row);
  live_ = as<std::uint64_t>(at(Section::kLive), (std::size_t{nodes()} + 63) / 64);
  check_live(live_, nodes());
  for (const auto word : live_) live_count_ += static_cast<std::size_t>(std::popcount(word));
  read_levels(header, layout);
  const auto center =
      as<float>(at(Section::kCenter), layout[Section::kCenter].bytes / sizeof(float));
  check_center(center);
  parameters_.codes.center.assign(center.begin(), center.end());
}

void GraphFile::read_levels(const GraphHeader& header, const GraphLayout& layout) {
  for (std::size_t i = 0; i < header.levels; ++i) {
    const auto& place = layout.levels[i];
    const std::size_t count = header.level_nodes[i];
    levels_.push_back({as<Node>(head_->data() + place.nodes, count),
                       as<Node>(head_->data() + place.below, count),
                       as<Node>(head_->data() + place.links, count * header.m)});
  }
  check_levels(levels_, parameters_);
}

void GraphFile::find_rest(const GraphLayout& layout) {
  check_gaps(mapped_->bytes(), layout);
  const auto at = [&](Section section) { return mapped_->bytes().data() + layout[section].offset; };
  link_stride_ = layout.link_stride;
  links_ = blocks_of(layout, Section::kLinks);
  codes_ = blocks_of(layout, Section::kCodes);
  id_offsets_ = as<std::uint64_t>(at(Section::kIdOffsets), nodes()).data();
  ids_ = as<char>(at(Section::kIds), layout[Section::kIds].bytes);
  records_ = at(Section::kVectors);
  record_bytes_ = layout.record_bytes;
  for (const auto section : {Section::kIdOffsets, Section::kVectors, Section::kIds}) {
    mapped_->expect_jumps(layout[section].offset, layout[section].end());
  }
}

VerifiedBytes GraphFile::blocks_of(const GraphLayout& layout, Section section) const {
  const auto& [kind, zero, offset, bytes] = layout[section];
  const bool in_head = section < Section::kIdOffsets;
  const auto* file = in_head ? head_->data() : mapped_->bytes().data();
  return {{file + offset, bytes},
          checksums_.subspan(layout.first_block(section), blocks_in(bytes))};
}

std::optional<Node> GraphFile::find(Row row) const {
  const auto found = std::lower_bound(rows_.begin(), rows_.end(), row);
  if (found == rows_.end() || *found != row) return std::nullopt;
  return static_cast<Node>(found - rows_.begin());
}

std::optional<StoredVector> GraphFile::stored(Node node) const {
  const auto begin = id_offsets_[node];
  const auto end = id_offsets_[node + std::size_t{1}];
  if (begin > end || end > ids_.size()) return std::nullopt;
  const std::string_view id(ids_.data() + begin, end - begin);
  const std::span record(records_ + node * record_bytes_, record_bytes_);
  RecordHead head;
  std::memcpy(&head, record.data(), sizeof head);
  if (head.checksum != record_checksum(record, id, rows_[node]) || !intact()) return std::nullopt;
  const auto* vector = reinterpret_cast<const float*>(record.data() + sizeof head);
  return StoredVector{rows_[node], id, vector, head.scale};
}

void GraphFile::prefetch_stored(Node node) const {
  const std::byte* record = records_ + node * record_bytes_;
  for (std::size_t at = 0; at < std::min(record_bytes_, kPrefetchBytesMax); at += kLineBytes) {
    __builtin_prefetch(record + at);
  }
  __builtin_prefetch(&id_offsets_[node]);
}

void GraphFile::prefetch_id(Node node) const {
  const auto id = id_offsets_[node];
  if (id < ids_.size()) __builtin_prefetch(ids_.data() + id);
}

bool GraphFile::intact() const {
  return mapped_->intact();
}

std::size_t GraphFile::file_bytes() const {
  return mapped_->bytes().size();
}

void GraphFile::release_hot_pages() const {
  for (const auto* hot : {&links_, &codes_}) {
    const auto begin = static_cast<std::size_t>(hot->data() - mapped_->bytes().data());
    mapped_->release(begin, begin + hot->size());
  }
}

}  // namespace mosaic::index
