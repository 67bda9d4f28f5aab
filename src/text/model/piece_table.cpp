#include "text/model/piece_table.hpp"

#include <algorithm>
#include <bit>

#include "base/checksum.hpp"

namespace mosaic::text {
namespace {

constexpr std::size_t kSlotsMin = 16;

}  // namespace

PieceTable::PieceTable(std::size_t count)
    : slots_(std::bit_ceil(std::max(kSlotsMin, 2 * count + 1))) {}

void PieceTable::put(std::string_view piece, std::uint32_t id) {
  if (2 * (size_ + 1) > slots_.size()) grow();
  const auto hash = checksum(piece);
  Slot& slot = slots_[place(piece, hash)];
  if (!slot.used) {
    slot.hash = hash;
    slot.bytes = static_cast<std::uint32_t>(piece.size());
    slot.offset = arena_.size();
    slot.used = 1;
    arena_ += piece;
    ++size_;
    bytes_max_ = std::max(bytes_max_, piece.size());
  }
  slot.id = id;
}

std::optional<std::uint32_t> PieceTable::find(std::string_view piece) const {
  if (piece.size() > bytes_max_) return std::nullopt;
  const Slot& slot = slots_[place(piece, checksum(piece))];
  return slot.used ? std::optional(slot.id) : std::nullopt;
}

std::size_t PieceTable::place(std::string_view piece, std::uint64_t hash) const {
  const auto mask = slots_.size() - 1;
  auto at = hash & mask;
  while (slots_[at].used && (slots_[at].hash != hash || piece_in(slots_[at]) != piece)) {
    at = (at + 1) & mask;
  }
  return at;
}

void PieceTable::grow() {
  std::vector<Slot> before(2 * slots_.size());
  before.swap(slots_);
  const auto mask = slots_.size() - 1;
  for (const Slot& slot : before) {
    if (!slot.used) continue;
    auto at = slot.hash & mask;
    while (slots_[at].used) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

}  // namespace mosaic::text
