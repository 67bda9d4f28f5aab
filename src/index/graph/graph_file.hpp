// A graph in a file: written once, then mapped and read only. docs/INDEX_FORMAT.md says what is
// where. Nothing of it is trusted before its checksum has been compared: what is small when it is
// opened, links and codes in blocks when they are first touched or all at once by load_hot(),
// vectors each time they are read. A file that is damaged, or even cut short, while it is mapped is
// noticed like one that was damaged before. Immutable but for what has been verified; any thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "index/graph/graph_contents.hpp"
#include "index/graph/huge_bytes.hpp"
#include "mosaic/result.hpp"

namespace mosaic {
class MappedFile;
}

namespace mosaic::index {

struct GraphHeader;
struct GraphLayout;
enum class Section : std::uint32_t;

/// Links and codes in blocks of this many bytes have a checksum each: a page, so that verifying one
/// before its first use costs little more than fetching it.
constexpr std::size_t kVerifiedBlock = 4 << 10;

/// Writes `contents` beside `path`, syncs it and puts it in the place of what was there: after a
/// crash at any point there is the old file or the new one. Throws unavailable when the disk is
/// full or fails. The vectors are written with their ids and Measure::scale_of.
void write_graph_file(const std::filesystem::path& path, const GraphContents& contents);

/// Removes what a write that was cut short has left beside `path`.
void remove_unfinished(const std::filesystem::path& path);

/// Bytes in blocks, each compared with its checksum before its first use.
class VerifiedBytes {
 public:
  VerifiedBytes() = default;
  /// `checksums`: one for each block. Both stay the owner's.
  VerifiedBytes(std::span<const std::byte> bytes, std::span<const std::uint64_t> checksums);

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  /// The bytes [begin, end) are what was written.
  bool verify(std::size_t begin, std::size_t end) const {
    for (auto block = begin / kVerifiedBlock; block * kVerifiedBlock < end; ++block) {
      if (!verified_[block].load(std::memory_order_relaxed) && !verify_block(block)) return false;
    }
    return true;
  }

  /// `bytes` are what was written as this block: for copies of it.
  bool is_block(std::size_t block, std::span<const std::byte> bytes) const;

 private:
  bool verify_block(std::size_t block) const;

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::span<const std::uint64_t> checksums_;
  std::unique_ptr<std::atomic<bool>[]> verified_;
};

/// What is stored for one node beside its code: verified when it was read.
struct StoredVector {
  Row row;
  std::string_view id;
  const float* vector;  ///< dimension numbers, aligned to 8 bytes at least
  double scale;         ///< Measure::scale_of
};

class GraphFile {
 public:
  /// What the file must be. `last_seq`: where its shard stands.
  struct Expected {
    CollectionId collection;
    ShardId shard;
    Metric metric;
    std::uint32_t dimension;
    Seq last_seq;
  };

  /// not_found when there is no file, or one of another format; corrupt_data, saying what is wrong,
  /// when it is damaged, is that of another shard, or is ahead of its own; unavailable when it
  /// cannot be mapped. Reads what is small into memory and compares it with its checksums: header,
  /// rows, live bits, levels, checksums of blocks.
  static Result<std::shared_ptr<const GraphFile>> open(const std::filesystem::path& path,
                                                       const Expected& expected);
  ~GraphFile();

  const GraphParameters& parameters() const { return parameters_; }
  Node nodes() const { return parameters_.nodes; }
  /// Rising. Verified.
  std::span<const Row> rows() const { return rows_; }
  bool live(Node node) const { return (live_[node / 64] >> (node % 64) & 1) != 0; }
  std::size_t live_count() const { return live_count_; }
  std::optional<Node> find(Row row) const;

  /// Level 0: 2 m places per node, `link_stride` bytes apart.
  const VerifiedBytes& links() const { return links_; }
  std::size_t link_stride() const { return link_stride_; }
  const VerifiedBytes& codes() const { return codes_; }

  /// Verified, and every number in them is one of a node.
  struct Level {
    std::span<const Node> nodes;
    std::span<const Node> below;
    std::span<const Node> links;
  };
  std::span<const Level> levels() const { return levels_; }

  /// Nothing when the stored vector is not what was written, or the file is no longer intact().
  std::optional<StoredVector> stored(Node node) const;
  /// Asks the CPU to fetch what stored(node) will read: all but the id, whose place has to be known
  /// first; and later that.
  void prefetch_stored(Node node) const;
  void prefetch_id(Node node) const;

  /// False once a part of the file was missing when it was read: from then on all of it reads as
  /// zeros, verified or not. To be asked when a search is done, before what it found is believed.
  bool intact() const;

  std::size_t file_bytes() const;
  /// Links and codes are read elsewhere from now on: the system may take their pages back.
  void release_hot_pages() const;

 private:
  explicit GraphFile(std::unique_ptr<const MappedFile> mapped);
  GraphHeader read_header(const Expected& expected);
  void read_head(const GraphHeader& header, const GraphLayout& layout);
  void read_levels(const GraphHeader& header, const GraphLayout& layout);
  void find_rest(const GraphLayout& layout);
  VerifiedBytes blocks_of(const GraphLayout& layout, Section section) const;

  const std::unique_ptr<const MappedFile> mapped_;
  /// The file up to the ids' offsets. A copy: nobody else can change what was verified.
  std::unique_ptr<const HugeBytes> head_;
  GraphParameters parameters_;
  std::span<const std::uint64_t> checksums_;
  std::span<const Row> rows_;
  std::span<const std::uint64_t> live_;
  std::size_t live_count_ = 0;
  VerifiedBytes links_;
  std::size_t link_stride_ = 0;
  VerifiedBytes codes_;
  std::vector<Level> levels_;
  const std::uint64_t* id_offsets_ = nullptr;
  std::span<const char> ids_;
  const std::byte* records_ = nullptr;
  std::size_t record_bytes_ = 0;
};

}  // namespace mosaic::index
