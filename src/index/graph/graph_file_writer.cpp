#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "index/graph/graph_file.hpp"
#include "index/graph/graph_layout.hpp"
#include "index/measure.hpp"

namespace mosaic::index {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;
/// The disk is given work as soon as there is this much of it, or the sync at the end would have
/// all of it to do at once, and those of the log would wait for it.
constexpr std::uint64_t kWritebackBytes = 8 << 20;
/// Bytes that are written at a time.
constexpr std::size_t kPieceBytes = 64 << 10;
static_assert(kPieceBytes % kVerifiedBlock == 0);

fs::path unfinished(const fs::path& path) {
  return path.string() + ".tmp";
}

[[noreturn]] void fail(const fs::path& path, int error) {
  throw Failure(ErrorCode::kUnavailable,
                fmt::format("cannot write '{}': {}", path.filename().string(),
                            std::system_category().message(error)));
}

/// A file beside the one that it is to replace: gone again unless it was finished.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(fs::path path)
      : path_(std::move(path)),
        file_(::open(unfinished(path_).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode)) {
    if (file_ < 0) fail(path_, errno);
  }
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;
  ~UnfinishedFile() {
    if (file_ < 0) return;
    ::close(file_);
    ::unlink(unfinished(path_).c_str());
  }

  void write(std::span<const std::byte> bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
      const auto written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail(path_, written < 0 ? errno : EIO);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
      written_ += static_cast<std::uint64_t>(written);
    }
    if (written_ < kWritebackBytes) return;
    ::sync_file_range(file_, 0, 0, SYNC_FILE_RANGE_WRITE);
    written_ = 0;
  }

  void finish(std::uint64_t bytes) {
    if (::ftruncate(file_, static_cast<off_t>(bytes)) != 0 || ::fsync(file_) != 0) {
      fail(path_, errno);
    }
    if (::rename(unfinished(path_).c_str(), path_.c_str()) != 0) fail(path_, errno);
    ::close(std::exchange(file_, -1));
    sync_folder(path_.parent_path());
  }

 private:
  fs::path path_;
  int file_;
  std::uint64_t written_ = 0;  ///< since the disk was last given work
};

/// Writes one section from its beginning, in pieces, and takes the checksum of each block.
class SectionWriter {
 public:
  SectionWriter(UnfinishedFile& file, const SectionEntry& entry,
                std::vector<std::uint64_t>& checksums)
      : file_(file), entry_(entry), at_(entry.offset), checksums_(checksums) {
    piece_.reserve(kPieceBytes);
  }

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto part = bytes.first(std::min(bytes.size(), kPieceBytes - piece_.size()));
      piece_.insert(piece_.end(), part.begin(), part.end());
      bytes = bytes.subspan(part.size());
      if (piece_.size() == kPieceBytes) flush();
    }
  }

  template <class T>
  void write(std::span<const T> items) {
    write(std::as_bytes(items));
  }

  /// Zeros up to `offset` of the file, which is at most a piece away.
  void fill_up_to(std::uint64_t offset) {
    const std::vector<std::byte> zeros(offset - at_ - piece_.size());
    write(zeros);
  }

  void finish() {
    fill_up_to(entry_.end());
    if (!piece_.empty()) flush();
  }

 private:
  void flush() {
    const std::span<const std::byte> piece(piece_);
    for (std::size_t at = 0; has_blocks(entry_.section) && at < piece.size(); at += kVerifiedBlock)
      checksums_.push_back(
          checksum_of(piece.subspan(at, std::min(kVerifiedBlock, piece.size() - at))));
    file_.write(piece, at_);
    at_ += piece.size();
    piece_.clear();
  }

  UnfinishedFile& file_;
  const SectionEntry entry_;
  std::uint64_t at_;
  std::vector<std::uint64_t>& checksums_;
  std::vector<std::byte> piece_;
};

class GraphWriter {
 public:
  GraphWriter(const fs::path& path, const GraphContents& contents, const GraphHeader& header,
              const GraphLayout& layout)
      : file_(path), contents_(contents), header_(header), layout_(layout) {}

  void write() {
    section(Section::kRows, [&](SectionWriter& out) { write_rows(out); });
    section(Section::kLive, [&](SectionWriter& out) { write_live(out); });
    section(Section::kLevels, [&](SectionWriter& out) { write_levels(out); });
    section(Section::kCenter,
            [&](SectionWriter& out) { out.write(std::span(contents_.parameters.codes.center)); });
    section(Section::kIdOffsets, [&](SectionWriter& out) { write_id_offsets(out); });
    section(Section::kLinks, [&](SectionWriter& out) { write_links(out); });
    section(Section::kCodes, [&](SectionWriter& out) {
      out.write(std::span<const std::byte>(contents_.codes.get(), layout_[Section::kCodes].bytes));
    });
    section(Section::kVectors, [&](SectionWriter& out) { write_vectors(out); });
    section(Section::kIds, [&](SectionWriter& out) {
      for (const auto& source : contents_.sources) out.write(std::span(source.id));
    });
    const auto checksums = std::as_bytes(std::span(checksums_));
    file_.write(checksums, layout_[Section::kChecksums].offset);
    header_.checksums_checksum = checksum_of(checksums);
    header_.checksum = header_checksum(header_);
    file_.write(std::as_bytes(std::span(&header_, 1)), 0);
    file_.finish(layout_.file_bytes);
  }

 private:
  /// In the order of the file, or the checksums would not be.
  template <class Fill>
  void section(Section section, Fill&& fill) {
    SectionWriter out(file_, layout_[section], checksums_);
    fill(out);
    out.finish();
  }

  void write_rows(SectionWriter& out) const {
    for (const auto& source : contents_.sources) out.write(std::span(&source.row, 1));
  }

  void write_live(SectionWriter& out) const {
    std::vector<std::uint64_t> words((contents_.sources.size() + 63) / 64);
    for (std::size_t i = 0; i < contents_.sources.size(); ++i) {
      words[i / 64] |= std::uint64_t{contents_.sources[i].live} << (i % 64);
    }
    out.write(std::span<const std::uint64_t>(words));
  }

  void write_levels(SectionWriter& out) const {
    for (std::size_t i = 0; i < contents_.levels.size(); ++i) {
      const auto& level = contents_.levels[i];
      out.write(std::span(level.nodes));
      out.fill_up_to(layout_.levels[i].below);
      out.write(std::span(level.below));
      out.fill_up_to(layout_.levels[i].links);
      out.write(std::span(level.links));
      if (i + 1 < contents_.levels.size()) out.fill_up_to(layout_.levels[i + 1].nodes);
    }
  }

  void write_id_offsets(SectionWriter& out) const {
    std::uint64_t offset = 0;
    out.write(std::span<const std::uint64_t>(&offset, 1));
    for (const auto& source : contents_.sources) {
      offset += source.id.size();
      out.write(std::span<const std::uint64_t>(&offset, 1));
    }
  }

  void write_links(SectionWriter& out) const {
    const std::size_t places = std::size_t{2} * contents_.parameters.m;
    std::vector<Node> links(layout_.link_stride / sizeof(Node), kNoNode);
    for (std::size_t i = 0; i < contents_.sources.size(); ++i) {
      std::copy_n(contents_.links.begin() + static_cast<std::ptrdiff_t>(i * places), places,
                  links.begin());
      out.write(std::span<const Node>(links));
    }
  }

  void write_vectors(SectionWriter& out) const {
    const auto& codes = contents_.parameters.codes;
    std::vector<std::byte> record(layout_.record_bytes);
    for (const auto& source : contents_.sources) {
      const std::span<const float> vector(source.vector, codes.dimension);
      RecordHead head{0, Measure::scale_of(codes.metric, vector)};
      std::memcpy(record.data(), &head, sizeof head);
      std::memcpy(record.data() + sizeof head, vector.data(), vector.size_bytes());
      head.checksum = record_checksum(record, source.id, source.row);
      std::memcpy(record.data(), &head, sizeof head);
      out.write(std::span<const std::byte>(record));
    }
  }

  UnfinishedFile file_;
  const GraphContents& contents_;
  GraphHeader header_;
  const GraphLayout& layout_;
  std::vector<std::uint64_t> checksums_;
};

GraphHeader header_of(const GraphContents& contents) {
  const auto& from = contents.parameters;
  GraphHeader header;
  header.collection = from.collection.value;
  header.seq = from.seq;
  header.last_row = from.last_row;
  header.shard = from.shard.value;
  header.dimension = from.codes.dimension;
  header.metric = static_cast<std::uint32_t>(from.codes.metric);
  header.quantization = static_cast<std::uint32_t>(from.codes.quantization);
  header.quantization_wanted = static_cast<std::uint32_t>(from.wanted);
  header.step = from.codes.step;
  header.m = from.m;
  header.ef_construction = from.ef_construction;
  header.nodes = from.nodes;
  header.entry = from.entry;
  header.center_numbers = static_cast<std::uint32_t>(from.codes.center.size());
  header.levels = static_cast<std::uint32_t>(contents.levels.size());
  for (std::size_t i = 0; i < std::min(contents.levels.size(), kGraphLevelsMax); ++i) {
    header.level_nodes[i] = static_cast<std::uint32_t>(contents.levels[i].nodes.size());
  }
  auto& ids = header.sections[static_cast<std::size_t>(Section::kIds)];
  for (const auto& source : contents.sources) ids.bytes += source.id.size();
  return header;
}

}  // namespace

void write_graph_file(const fs::path& path, const GraphContents& contents) {
  auto header = header_of(contents);
  const auto layout = layout_of(header);
  if (!layout) {
    throw Failure(ErrorCode::kInternal,
                  fmt::format("a graph of {} nodes and {} levels is too large for a file",
                              header.nodes, contents.levels.size()));
  }
  header.sections = layout->sections;
  header.file_bytes = layout->file_bytes;
  GraphWriter(path, contents, header, *layout).write();
}

void remove_unfinished(const fs::path& path) {
  std::error_code ignored;
  fs::remove(unfinished(path), ignored);
}

}  // namespace mosaic::index
