// How many tokens each row of a shard has, remembered once FTS5 has told: reading it there is a
// lookup in a table for every match of every search, and was half the time of a text search. Rows
// never change, so neither do their lengths. Shared by all readers of a shard, on any threads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/row_set.hpp"

namespace mosaic::storage {

class DocumentLengths {
 public:
  static constexpr Row kChunkRows = 4'096;
  /// What a chunk holds for a row that nobody has asked for yet; else the length plus one.
  static constexpr std::uint32_t kUnknown = 0;

  using Chunk = std::array<std::atomic<std::uint32_t>, kChunkRows>;

  /// The chunk that holds `row`, made when it is first asked for; it stays as long as this does.
  Chunk& chunk_of(Row row) {
    const std::lock_guard lock(mutex_);
    auto& chunk = chunks_[row / kChunkRows];
    if (!chunk) chunk = std::make_unique<Chunk>();
    return *chunk;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<Row, std::unique_ptr<Chunk>> chunks_;
};

/// The way of one search through the lengths: matches come by rising row, so the chunk of the last
/// one is nearly always that of the next.
class LengthCursor {
 public:
  explicit LengthCursor(DocumentLengths& lengths) : lengths_(lengths) {}

  std::atomic<std::uint32_t>& at(Row row) {
    const auto number = row / DocumentLengths::kChunkRows;
    if (chunk_ == nullptr || number != number_) {
      chunk_ = &lengths_.chunk_of(row);
      number_ = number;
    }
    return (*chunk_)[static_cast<std::size_t>(row % DocumentLengths::kChunkRows)];
  }

 private:
  DocumentLengths& lengths_;
  DocumentLengths::Chunk* chunk_ = nullptr;
  Row number_ = 0;
};

}  // namespace mosaic::storage
