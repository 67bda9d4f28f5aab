#include "index/vector_set.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/failure.hpp"

namespace mosaic::index {

VectorSet::VectorSet(Metric metric, std::uint32_t dimension)
    : metric_(metric),
      dimension_(dimension),
      chunks_(std::make_shared<const ChunkList::Chunks>(), chunk_rows(dimension), 0),
      last_row_(std::numeric_limits<Row>::min()) {}

VectorSet::VectorSet(Metric metric, std::uint32_t dimension, std::shared_ptr<Graph> graph)
    : VectorSet(metric, dimension) {
  last_row_ = graph->parameters().last_row;
  last_ended_ = graph->parameters().seq;
  live_ = graph->live();
  graph_ = std::move(graph);
}

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
  if (!(graph_ && graph_->end(row, seq_ended)) && !end_in_tail(row, seq_ended)) return;
  last_ended_ = std::max(last_ended_, seq_ended);
  --live_;
}

bool VectorSet::end_in_tail(Row row, Seq seq_ended) {
  const auto found = chunks_.find(row);
  if (!found) return false;
  auto& ended = found->chunk->ended[found->slot];
  if (ended.load(std::memory_order_relaxed) != kNeverEnded) return false;
  ended.store(seq_ended, std::memory_order_relaxed);
  return true;
}

VectorView VectorSet::view(Seq seq) const {
  // At the newest seq, the usual case, the rows without an end are exactly the live ones.
  const auto live = seq >= last_ended_ ? live_ : count_live(seq);
  return {graph_, chunks_, metric_, dimension_, seq, live};
}

std::size_t VectorSet::count_live(Seq seq) const {
  auto live = chunks_.count_live(seq);
  for (Node node = 0; graph_ && node < graph_->file().nodes(); ++node)
    live += graph_->live_at(node, seq) ? 1 : 0;
  return live;
}

void VectorSet::adopt(std::shared_ptr<Graph> graph) {
  const auto rows = graph->file().rows();
  Node at = 0;
  // What is no longer known here ended and was let go of.
  const auto end_before = [&](Row row) {
    for (; at < rows.size() && rows[at] < row; ++at) graph->end(rows[at], last_ended_);
  };
  for_each_known([&](Row row, Seq ended) {
    end_before(row);
    if (at == rows.size() || rows[at] != row) return;
    if (ended != 0) graph->end(row, ended);
    ++at;
  });
  end_before(std::numeric_limits<Row>::max());
  const auto last_row = graph->parameters().last_row;
  graph_ = std::move(graph);
  keep_in_tail(
      [&](const VectorChunk& chunk, std::size_t slot) { return chunk.rows[slot] > last_row; });
}

void VectorSet::drop_graph() {
  if (!graph_) return;
  const auto all = view(last_ended_);
  const auto sources = all.sources(false);
  if (!sources) throw Failure(sources.error());
  VectorSet whole(metric_, dimension_);
  for (const auto& source : *sources)
    whole.append(source.row, source.id, {source.vector, dimension_});
  graph_.reset();
  chunks_ = std::move(whole.chunks_);
  id_bytes_ = whole.id_bytes_;
}

/// Calls visit(row, seq of its end or 0) by rising row.
template <class Visit>
void VectorSet::for_each_known(Visit&& visit) const {
  for (Node node = 0; graph_ && node < graph_->file().nodes(); ++node)
    visit(graph_->file().rows()[node], graph_->ended(node));
  for (std::size_t number = 0; number < chunks_.parts(); ++number) {
    const auto [chunk, size] = chunks_.part(number);
    for (std::size_t slot = 0; slot < size; ++slot) {
      const auto ended = chunk->ended[slot].load(std::memory_order_relaxed);
      visit(chunk->rows[slot], ended == kNeverEnded ? 0 : ended);
    }
  }
}

template <class Keep>
void VectorSet::keep_in_tail(Keep&& keep) {
  VectorSet kept(metric_, dimension_);
  for (std::size_t number = 0; number < chunks_.parts(); ++number) {
    const auto [chunk, size] = chunks_.part(number);
    for (std::size_t slot = 0; slot < size; ++slot) {
      if (!keep(*chunk, slot)) continue;
      kept.append(chunk->rows[slot], chunk->ids[slot], {chunk->vector(slot), dimension_});
      const auto ended = chunk->ended[slot].load(std::memory_order_relaxed);
      if (ended != kNeverEnded) kept.end(chunk->rows[slot], ended);
    }
  }
  chunks_ = std::move(kept.chunks_);
  id_bytes_ = kept.id_bytes_;
}

std::size_t VectorSet::size() const {
  return chunks_.size() + (graph_ ? graph_->file().nodes() : 0);
}

std::size_t VectorSet::bytes() const {
  const auto row_bytes = dimension_ * sizeof(float) + sizeof(Row) + sizeof(double) +
                         sizeof(std::string) + sizeof(std::atomic<Seq>);
  return tail() * row_bytes + id_bytes_ + (graph_ ? graph_->memory_bytes() : 0);
}

std::size_t VectorSet::tail_ended() const {
  return tail() - (live_ - (graph_ ? graph_->live() : 0));
}

void VectorSet::compact(Seq floor) {
  keep_in_tail(
      [&](const VectorChunk& chunk, std::size_t slot) { return chunk.live_at(slot, floor); });
}

}  // namespace mosaic::index
