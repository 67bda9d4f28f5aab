#include "index/vector_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/failure.hpp"

namespace mosaic::index {

VectorSet::VectorSet(Metric metric, std::uint32_t dimension)
    : metric_(metric),
      dimension_(dimension),
      chunks_(std::make_shared<const ChunkList::Chunks>(), chunk_rows(dimension), 0),
      last_row_(std::numeric_limits<Row>::min()) {}

void VectorSet::append(Row row, std::string_view id, std::span<const float> vector) {
  if (row <= last_row_) {
    throw Failure(ErrorCode::kInternal,
                  fmt::format("vector of row {} comes after that of row {}", row, last_row_));
  }
  if (vector.size() != dimension_) {
    throw Failure(ErrorCode::kDimensionMismatch,
                  fmt::format("vector of document '{}' has {} dimensions, its shard has {}", id,
                              vector.size(), dimension_));
  }
  auto& chunk = chunks_.chunk_for_next(dimension_);
  const auto slot = chunks_.next_slot();
  chunk.ids[slot] = id;
  std::copy(vector.begin(), vector.end(), chunk.vectors.get() + slot * dimension_);
  chunk.rows[slot] = row;
  chunk.scales[slot] = Measure::scale_of(metric_, vector);
  chunk.ended[slot].store(kNeverEnded, std::memory_order_relaxed);
  chunks_.grow();
  last_row_ = row;
  ++live_;
  id_bytes_ += id.size();
}

void VectorSet::end(Row row, Seq seq_ended) {
  const auto found = chunks_.find(row);
  if (!found) return;
  auto& ended = found->chunk->ended[found->slot];
  if (ended.load(std::memory_order_relaxed) != kNeverEnded) return;
  ended.store(seq_ended, std::memory_order_relaxed);
  last_ended_ = std::max(last_ended_, seq_ended);
  --live_;
}

VectorView VectorSet::view(Seq seq) const {
  // At the newest seq, the usual case, the rows without an end are exactly the live ones.
  const auto live = seq >= last_ended_ ? live_ : chunks_.count_live(seq);
  return {chunks_, metric_, dimension_, seq, live};
}

std::size_t VectorSet::bytes() const {
  const auto row_bytes = dimension_ * sizeof(float) + sizeof(Row) + sizeof(double) +
                         sizeof(std::string) + sizeof(std::atomic<Seq>);
  return size() * row_bytes + id_bytes_;
}

std::unique_ptr<VectorSet> VectorSet::compacted(Seq floor) const {
  auto kept = std::make_unique<VectorSet>(metric_, dimension_);
  for (std::size_t number = 0; number < chunks_.parts(); ++number) {
    const auto [chunk, size] = chunks_.part(number);
    for (std::size_t slot = 0; slot < size; ++slot) {
      if (!chunk->live_at(slot, floor)) continue;
      kept->append(chunk->rows[slot], chunk->ids[slot], {chunk->vector(slot), dimension_});
      const auto ended = chunk->ended[slot].load(std::memory_order_relaxed);
      if (ended != kNeverEnded) kept->end(chunk->rows[slot], ended);
    }
  }
  return kept;
}

}  // namespace mosaic::index
