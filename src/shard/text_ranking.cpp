#include "shard/text_ranking.hpp"

#include <algorithm>

namespace mosaic::shard {

bool TextRanking::better(const RankedRow& a, const RankedRow& b) const {
  if (a.score != b.score) return a.score > b.score;
  if (a.id.empty()) a.id = id_of_(a.row);
  if (b.id.empty()) b.id = id_of_(b.row);
  return a.id < b.id;
}

void TextRanking::offer(Row row, double score) {
  RankedRow candidate{row, score, {}};
  const auto worst_in_front = [this](const RankedRow& a, const RankedRow& b) {
    return better(a, b);
  };
  if (heap_.size() == k_) {
    if (!better(candidate, heap_.front())) return;
    std::pop_heap(heap_.begin(), heap_.end(), worst_in_front);
    heap_.pop_back();
  }
  heap_.push_back(std::move(candidate));
  std::push_heap(heap_.begin(), heap_.end(), worst_in_front);
}

std::vector<RankedRow> TextRanking::take() {
  for (auto& ranked : heap_) {
    if (ranked.id.empty()) ranked.id = id_of_(ranked.row);
  }
  std::sort(heap_.begin(), heap_.end(), [](const RankedRow& a, const RankedRow& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  return std::move(heap_);
}

}  // namespace mosaic::shard
