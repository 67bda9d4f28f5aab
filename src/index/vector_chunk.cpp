#include "index/vector_chunk.hpp"

#include <algorithm>

namespace mosaic::index {

std::size_t chunk_rows(std::uint32_t dimension) {
  return std::clamp(kChunkBytes / (dimension * sizeof(float)), kChunkRowsMin, kChunkRowsMax);
}

// Vectors, rows and scales stay uninitialised: pages of slots that are never filled cost nothing.
VectorChunk::VectorChunk(std::size_t capacity, std::uint32_t vector_dimension)
    : dimension(vector_dimension),
      vectors(aligned_floats(capacity * vector_dimension)),
      rows(new Row[capacity]),
      scales(new double[capacity]),
      ids(std::make_unique<std::string[]>(capacity)),
      ended(new std::atomic<Seq>[capacity]) {}

ChunkPart ChunkList::part(std::size_t number) const {
  return {(*chunks_)[number].get(), std::min(rows_each_, size_ - number * rows_each_)};
}

std::optional<SlotRef> ChunkList::find(Row row) const {
  const auto end = chunks_->begin() + static_cast<std::ptrdiff_t>(parts());
  const auto after =
      std::upper_bound(chunks_->begin(), end, row,
                       [](Row wanted, const auto& chunk) { return wanted < chunk->rows[0]; });
  if (after == chunks_->begin()) return std::nullopt;
  const auto found = part(static_cast<std::size_t>(after - chunks_->begin()) - 1);
  const auto rows = found.rows();
  const auto at = std::lower_bound(rows.begin(), rows.end(), row);
  if (at == rows.end() || *at != row) return std::nullopt;
  return SlotRef{found.chunk, static_cast<std::size_t>(at - rows.begin())};
}

std::size_t ChunkList::count_live(Seq seq) const {
  std::size_t live = 0;
  for (std::size_t number = 0; number < parts(); ++number) {
    const auto [chunk, size] = part(number);
    for (std::size_t slot = 0; slot < size; ++slot) live += chunk->live_at(slot, seq) ? 1 : 0;
  }
  return live;
}

VectorChunk& ChunkList::chunk_for_next(std::uint32_t dimension) {
  if (parts() * rows_each_ == size_ && chunks_->size() == parts()) {
    auto longer = std::make_shared<Chunks>(*chunks_);
    longer->push_back(std::make_shared<VectorChunk>(rows_each_, dimension));
    chunks_ = std::move(longer);
  }
  return *chunks_->back();
}

}  // namespace mosaic::index
