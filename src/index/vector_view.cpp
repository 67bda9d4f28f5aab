#include "index/vector_view.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "index/graph/graph_search.hpp"

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
    found.push_back(
        {candidate.row, std::string(candidate.id), measure.distance(candidate.key), candidate.key});
  }
  return found;
}

Error damaged() {
  return {ErrorCode::kCorruptData, "the index file is damaged"};
}

}  // namespace

Result<Nearest> VectorView::nearest(const NearestRequest& request) const {
  if (request.query.size() != dimension_) {
    return Error{ErrorCode::kDimensionMismatch,
                 fmt::format("the query vector has {} dimensions, the stored vectors have {}",
                             request.query.size(), dimension_)};
  }
  Nearest found;
  found.plan.tail = tail();
  const auto wanted = std::min(request.k, live_);
  if (wanted == 0) return found;
  const Measure measure(metric_, request.query);
  NearestHeap nearest(wanted);
  if (graph_) {
    const GraphQuery query{request.query, wanted,        request.ef,      request.filter,
                           seq_,          request.exact, request.deadline};
    const auto searched = GraphSearch(*graph_, query, measure).run(nearest, found.plan);
    if (!searched) return searched.error();
  } else {
    found.plan.way = request.filter != nullptr ? "scan_matches" : "scan";
    found.plan.reason = request.exact ? "exact was asked for" : "there is no graph";
  }
  for (std::size_t number = 0; number < chunks_.parts(); ++number) {
    if (passed(request.deadline)) {
      return Error{ErrorCode::kDeadlineExceeded,
                   fmt::format("the deadline passed after {} of {} chunks of vectors", number,
                               chunks_.parts())};
    }
    found.plan.compared += scan(chunks_.part(number), measure, request.filter, nearest);
  }
  found.neighbors = neighbors(nearest.take(), measure);
  if (graph_ && !graph_->file().intact()) return damaged();
  return found;
}

std::size_t VectorView::scan(const ChunkPart& part, const Measure& measure, const RowSet* filter,
                             NearestHeap& nearest) const {
  SlotList wanted;
  collect(part, seq_, filter, wanted);
  const auto& chunk = *part.chunk;
  for (const auto slot : wanted.slots()) {
    const auto key = measure.key(chunk.vector(slot), chunk.scales[slot]);
    if (key > nearest.bound()) continue;
    nearest.offer({key, chunk.ids[slot], chunk.rows[slot]});
  }
  return wanted.slots().size();
}

std::optional<SlotRef> VectorView::find_live(Row row) const {
  auto found = chunks_.find(row);
  if (found && !found->chunk->live_at(found->slot, seq_)) return std::nullopt;
  return found;
}

std::optional<Node> VectorView::find_live_node(Row row) const {
  if (!graph_) return std::nullopt;
  auto node = graph_->file().find(row);
  if (node && !graph_->live_at(*node, seq_)) return std::nullopt;
  return node;
}

Result<std::optional<double>> VectorView::distance(Row row, std::span<const float> query) const {
  if (query.size() != dimension_) return std::optional<double>();
  const auto key = [&](const float* vector, double scale) {
    const Measure measure(metric_, query);
    return std::optional(measure.distance(measure.key(vector, scale)));
  };
  if (const auto node = find_live_node(row)) {
    const auto stored = graph_->file().stored(*node);
    if (!stored) return damaged();
    return key(stored->vector, stored->scale);
  }
  const auto found = find_live(row);
  if (!found) return std::optional<double>();
  return key(found->chunk->vector(found->slot), found->chunk->scales[found->slot]);
}

Result<std::vector<SourceVector>> VectorView::sources(bool with_ended) const {
  std::vector<SourceVector> sources;
  for (Node node = 0; graph_ && node < graph_->file().nodes(); ++node) {
    const bool is_live = graph_->live_at(node, seq_);
    if (!is_live && !with_ended) continue;
    const auto stored = graph_->file().stored(node);
    if (!stored) return damaged();
    sources.push_back({stored->row, stored->id, stored->vector, is_live});
  }
  for (std::size_t number = 0; number < chunks_.parts(); ++number) {
    const auto [chunk, size] = chunks_.part(number);
    for (std::size_t slot = 0; slot < size; ++slot) {
      if (!chunk->live_at(slot, seq_)) continue;
      sources.push_back({chunk->rows[slot], chunk->ids[slot], chunk->vector(slot), true});
    }
  }
  return sources;
}

}  // namespace mosaic::index
