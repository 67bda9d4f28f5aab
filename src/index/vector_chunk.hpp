// A run of rows with their vectors in one block, and the list of runs that a shard's set is made
// of. The writer fills slots that no reader was shown yet; a filled slot never changes again but
// for `ended`, the one field that writer and readers touch at the same time.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/row_set.hpp"
#include "index/aligned_floats.hpp"
#include "mosaic/collection.hpp"

namespace mosaic::index {

constexpr std::size_t kChunkRowsMax = 1'024;
constexpr std::size_t kChunkRowsMin = 16;
constexpr std::size_t kChunkBytes = 1 << 20;  ///< of vectors, where the limits on rows allow it

/// The end of a row that has none.
constexpr Seq kNeverEnded = std::numeric_limits<Seq>::max();

/// Rows per chunk: the same for all chunks of a set.
std::size_t chunk_rows(std::uint32_t dimension);

struct VectorChunk {
  VectorChunk(std::size_t capacity, std::uint32_t dimension);

  const float* vector(std::size_t slot) const { return vectors.get() + slot * dimension; }
  bool live_at(std::size_t slot, Seq seq) const {
    return ended[slot].load(std::memory_order_relaxed) > seq;
  }

  std::uint32_t dimension;
  AlignedFloats vectors;
  std::unique_ptr<Row[]> rows;
  std::unique_ptr<double[]> scales;  ///< see Measure::scale_of
  std::unique_ptr<std::string[]> ids;
  /// Relaxed: whoever hands a view to a reader orders the ends that the view must see; a later end
  /// carries a later seq, which the view ignores whether it reads it or not.
  std::unique_ptr<std::atomic<Seq>[]> ended;
};

/// The first `size` rows of a chunk, by rising number.
struct ChunkPart {
  VectorChunk* chunk;
  std::size_t size;

  Row first() const { return chunk->rows[0]; }
  Row last() const { return chunk->rows[size - 1]; }
  bool dense() const { return last() - first() == static_cast<Row>(size) - 1; }
  std::span<const Row> rows() const { return {chunk->rows.get(), size}; }
};

struct SlotRef {
  VectorChunk* chunk;
  std::size_t slot;
};

/// The first `size` rows of a list of chunks, all full but the last.
class ChunkList {
 public:
  using Chunks = std::vector<std::shared_ptr<VectorChunk>>;

  ChunkList(std::shared_ptr<const Chunks> chunks, std::size_t rows_each, std::size_t size)
      : chunks_(std::move(chunks)), rows_each_(rows_each), size_(size) {}

  std::size_t size() const { return size_; }
  std::size_t parts() const { return (size_ + rows_each_ - 1) / rows_each_; }
  ChunkPart part(std::size_t number) const;
  std::optional<SlotRef> find(Row row) const;

  /// Rows that are live at `seq`; reads every row.
  std::size_t count_live(Seq seq) const;

  /// The chunk of the next row: the last one, or a new one in a new list, so that lists that
  /// readers hold stay as they are.
  VectorChunk& chunk_for_next(std::uint32_t dimension);
  void grow() { ++size_; }
  std::size_t next_slot() const { return size_ % rows_each_; }

 private:
  std::shared_ptr<const Chunks> chunks_;
  std::size_t rows_each_;
  std::size_t size_;
};

}  // namespace mosaic::index
