#include "index/vector_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace mosaic::index {
namespace {

bool passed(Deadline deadline) {
  return deadline.at != TimePoint::max() && deadline.passed(std::chrono::steady_clock::now());
}

/// The slots of one chunk that a scan has to look at.
class SlotList {
 public:
  void push_if(bool wanted, std::size_t slot) {
    slots_[size_] = static_cast<std::uint16_t>(slot);
    size_ += wanted ? 1 : 0;
  }
  std::span<const std::uint16_t> slots() const { return {slots_.data(), size_}; }

 private:
  // One more than fit: push_if writes before it knows whether the slot stays.
  std::array<std::uint16_t, kChunkRowsMax + 1> slots_;
  std::size_t size_ = 0;
};

void collect_all(const ChunkPart& part, Seq seq, SlotList& wanted) {
  for (std::size_t slot = 0; slot < part.size; ++slot) {
    wanted.push_if(part.chunk->live_at(slot, seq), slot);
  }
}

void collect_dense(const ChunkPart& part, Seq seq, const RowSet& filter, SlotList& wanted) {
  filter.for_each_in(part.first(), part.last(), [&](Row row) {
    const auto slot = static_cast<std::size_t>(row - part.first());
    wanted.push_if(part.chunk->live_at(slot, seq), slot);
  });
}

// Rows without a vector leave gaps: the slot is searched from the last one found onward.
void collect_gapped(const ChunkPart& part, Seq seq, const RowSet& filter, SlotList& wanted) {
  const auto rows = part.rows();
  auto at = rows.begin();
  filter.for_each_in(part.first(), part.last(), [&](Row row) {
    if (*at != row) at = std::lower_bound(at, rows.end(), row);
    if (*at != row) return;
    const auto slot = static_cast<std::size_t>(at - rows.begin());
    wanted.push_if(part.chunk->live_at(slot, seq), slot);
    if (at + 1 != rows.end()) ++at;
  });
}

void collect(const ChunkPart& part, Seq seq, const RowSet* filter, SlotList& wanted) {
  if (filter == nullptr) return collect_all(part, seq, wanted);
  if (part.dense()) return collect_dense(part, seq, *filter, wanted);
  collect_gapped(part, seq, *filter, wanted);
}

std::vector<Neighbor> neighbors(std::vector<Candidate> candidates, const Measure& measure) {
  std::vector<Neighbor> found;
  found.reserve(candidates.size());
  for (const auto& candidate : candidates) {
    found.push_back({candidate.row, *candidate.id, measure.distance(candidate.key)});
  }
  return found;
}

}  // namespace

Result<std::vector<Neighbor>> VectorView::nearest(std::span<const float> query, std::size_t k,
                                                  const RowSet* filter, Deadline deadline) const {
  if (query.size() != dimension_) {
    return Error{ErrorCode::kDimensionMismatch,
                 fmt::format("the query vector has {} dimensions, the stored vectors have {}",
                             query.size(), dimension_)};
  }
  const auto wanted = std::min(k, live_);
  if (wanted == 0) return std::vector<Neighbor>{};
  const Measure measure(metric_, query);
  NearestHeap nearest(wanted);
  for (std::size_t number = 0; number < chunks_.parts(); ++number) {
    if (passed(deadline)) {
      return Error{ErrorCode::kDeadlineExceeded,
                   fmt::format("the deadline passed after {} of {} chunks of vectors", number,
                               chunks_.parts())};
    }
    scan(chunks_.part(number), measure, filter, nearest);
  }
  return neighbors(nearest.take(), measure);
}

void VectorView::scan(const ChunkPart& part, const Measure& measure, const RowSet* filter,
                      NearestHeap& nearest) const {
  SlotList wanted;
  collect(part, seq_, filter, wanted);
  const auto& chunk = *part.chunk;
  for (const auto slot : wanted.slots()) {
    const auto key = measure.key(chunk.vector(slot), chunk.scales[slot]);
    if (key > nearest.bound()) continue;
    nearest.offer({key, &chunk.ids[slot], chunk.rows[slot]});
  }
}

std::optional<SlotRef> VectorView::find_live(Row row) const {
  auto found = chunks_.find(row);
  if (found && !found->chunk->live_at(found->slot, seq_)) return std::nullopt;
  return found;
}

std::optional<double> VectorView::distance(Row row, std::span<const float> query) const {
  const auto found = find_live(row);
  if (!found || query.size() != dimension_) return std::nullopt;
  const Measure measure(metric_, query);
  const auto& [chunk, slot] = *found;
  return measure.distance(measure.key(chunk->vector(slot), chunk->scales[slot]));
}

std::optional<std::span<const float>> VectorView::vector(Row row) const {
  const auto found = find_live(row);
  if (!found) return std::nullopt;
  return std::span<const float>{found->chunk->vector(found->slot), dimension_};
}

}  // namespace mosaic::index
