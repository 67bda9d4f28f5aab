// Documents that go to the server in one request.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cli/import/record.hpp"

namespace mosaic::cli {

/// A batch is sent before it grows past this (one larger document goes alone).
constexpr std::size_t kBatchJsonBytes = 4 << 20;

class Batch {
 public:
  struct Item {
    std::string place;
    std::string json;
    std::size_t id_hash = 0;
    std::size_t links = 0;
  };

  static Item make_item(const Record& record);
  void add(Item item);
  /// The item at `position` is left out.
  void erase(std::size_t position);

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t links() const;
  const Item& at(std::size_t position) const { return items_[position]; }

  /// The body of the request.
  std::string body() const;

  /// Two halves in order; for a batch of two and more.
  std::pair<Batch, Batch> halves() const;

  /// Both may hold the same id. Such batches must not be under way together: the later one has to
  /// win.
  bool overlaps(const Batch& other) const;

 private:
  std::vector<Item> items_;
  std::unordered_set<std::size_t> id_hashes_;
  std::size_t bytes_ = 0;
};

}  // namespace mosaic::cli
