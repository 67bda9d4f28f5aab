// The index file beside a shard's file: where it is, what it must be, and how a new one is made. It
// derives from the shard's file, so one that is damaged is thrown away. The shard opens and removes
// it, its indexer writes it; both keep to their threads.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "index/build_plan.hpp"
#include "index/vector_view.hpp"
#include "storage/shard_file.hpp"

namespace mosaic::shard {

std::filesystem::path index_path(const std::filesystem::path& shard);

/// Of the shard's file with its WAL, and of its index file.
std::uint64_t shard_bytes_on_disk(const std::filesystem::path& shard);

/// What the index of a shard is to be like. `generation` counts how often the shard has given its
/// graph up: a graph made from a view of before has no place in it any more.
struct IndexWish {
  std::uint32_t generation = 0;
  IndexSettings settings;
  Quantization quantization = Quantization::kInt8;
  friend bool operator==(const IndexWish&, const IndexWish&) = default;
};

/// One step of an index, from one view.
struct IndexTask {
  index::VectorView view;
  IndexWish wish;
  index::BuildStep step;
  std::uint32_t threads = 1;
};

/// What a shard knows of the index file that it may have.
struct IndexStand {
  std::uint32_t dimension = 0;
  Seq applied = 0;  ///< the file covers nothing that comes after
  Seq made = 0;     ///< one that covers all up to here was made; 0: none
  Seq space = 0;    ///< one from before here holds vectors that are no longer those of the shard
};

class IndexFile {
 public:
  IndexFile(const std::filesystem::path& shard, const storage::ShardIdentity& identity,
            Metric metric);

  /// The file's graph; null when there is no file, or one that is out of date. corrupt_data when it
  /// cannot be used.
  Result<std::shared_ptr<index::Graph>> open(const IndexStand& stand) const;

  /// What `view` asks for next, if it is to be like `wish`.
  std::optional<index::BuildStep> next_step(const index::VectorView& view,
                                            const IndexWish& wish) const;

  /// Makes the graph of `task`, puts it in the place of the file, and opens that. What it covers of
  /// the shard's file is safe on disk before, so that no loss of power leaves it ahead. Null when
  /// `stop` became true before the file was written. Throws corrupt_data when the graph that the
  /// view has is damaged; unavailable when the disk fails, or gives back something else than was
  /// written.
  std::shared_ptr<index::Graph> build(const IndexTask& task, const std::atomic<bool>& stop) const;

  /// The file and what a build that was cut short has left. What is mapped of it stays good.
  void remove() const;

 private:
  const std::filesystem::path shard_;
  const std::filesystem::path path_;
  const storage::ShardIdentity identity_;
  const Metric metric_;
};

}  // namespace mosaic::shard
