#include "index/stored_scan.hpp"

#include <cstring>

#include <fmt/format.h>

#include "base/failure.hpp"

namespace mosaic::index {

StoredScan::StoredScan(Metric metric, std::uint32_t dimension, std::span<const float> query,
                       std::size_t k)
    : metric_(metric),
      dimension_(dimension),
      measure_(metric, query),
      vector_(aligned_floats(dimension)),
      nearest_(k) {
  if (query.size() == dimension) return;
  throw Failure(ErrorCode::kDimensionMismatch,
                fmt::format("the query vector has {} dimensions, the stored vectors have {}",
                            query.size(), dimension));
}

void StoredScan::offer(Row row, std::string_view id, std::string_view bytes) {
  ++offered_;
  const auto key = key_of(id, bytes);
  if (key > nearest_.bound()) return;
  nearest_.offer({key, ids_.emplace_back(id), row});
}

double StoredScan::distance(std::string_view id, std::string_view bytes) {
  return measure_.distance(key_of(id, bytes));
}

std::vector<Neighbor> StoredScan::take() {
  std::vector<Neighbor> found;
  for (const auto& candidate : nearest_.take()) {
    found.push_back({candidate.row, std::string(candidate.id), measure_.distance(candidate.key),
                     candidate.key});
  }
  return found;
}

double StoredScan::key_of(std::string_view id, std::string_view bytes) {
  if (bytes.size() != dimension_ * sizeof(float)) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("the vector of '{}' has {} bytes", id, bytes.size()));
  }
  std::memcpy(vector_.get(), bytes.data(), bytes.size());
  return measure_.key(vector_.get(), Measure::scale_of(metric_, {vector_.get(), dimension_}));
}

}  // namespace mosaic::index
