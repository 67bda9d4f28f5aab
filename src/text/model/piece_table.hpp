// Strings and their ids for quick look-up: one flat table with open addressing (XXH3), its keys in
// one arena. Filled once, then immutable: any number of threads may share one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mosaic::text {

class PieceTable {
 public:
  /// With room for `count` pieces; more make it grow.
  explicit PieceTable(std::size_t count = 0);

  /// An equal piece of before gets the new id.
  void put(std::string_view piece, std::uint32_t id);
  std::optional<std::uint32_t> find(std::string_view piece) const;

  std::size_t size() const { return size_; }
  std::size_t bytes_max() const { return bytes_max_; }  ///< of the longest piece

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.used) visit(piece_in(slot), slot.id);
    }
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t id = 0;
    std::uint32_t bytes = 0;
    std::uint64_t offset : 63 = 0;
    std::uint64_t used : 1 = 0;
  };

  std::string_view piece_in(const Slot& slot) const {
    return std::string_view(arena_).substr(slot.offset, slot.bytes);
  }
  /// The slot of the piece, or the free one where it belongs.
  std::size_t place(std::string_view piece, std::uint64_t hash) const;
  void grow();

  std::vector<Slot> slots_;
  std::string arena_;
  std::size_t size_ = 0;
  std::size_t bytes_max_ = 0;
};

}  // namespace mosaic::text
