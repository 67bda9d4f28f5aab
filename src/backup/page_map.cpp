#include "backup/page_map.hpp"

#include <fmt/format.h>

#include <unordered_map>

#include "backup/compression.hpp"
#include "base/failure.hpp"
#include "base/wire.hpp"

namespace mosaic::backup {
namespace {

constexpr std::uint32_t kFormat = 0x314d504d;  // "MPM1"

/// A piece as it is written. A column each, with what counts up as differences: of a map of pages
/// that were packed in order little remains but the hashes.
struct Columns {
  std::uint32_t format = kFormat;
  std::vector<PackRef> packs;
  std::vector<std::uint32_t> pages;  ///< differences
  std::vector<std::uint32_t> pack;   ///< differences, modulo 2^32
  std::vector<std::uint32_t> slots;  ///< differences, modulo 2^32
  std::vector<std::uint64_t> hashes;
};

template <class Archive>
void archive(Archive& ar, Columns& columns) {
  ar(columns.format, columns.packs, columns.pages, columns.pack, columns.slots, columns.hashes);
}

bool is_sound(const MapPiece& piece) {
  for (std::size_t i = 0; i < piece.entries.size(); ++i) {
    const auto& entry = piece.entries[i];
    if (i != 0 && entry.page <= piece.entries[i - 1].page) return false;
    if (entry.page >= kFilePagesMax || entry.place.pack >= piece.packs.size() ||
        entry.place.slot >= piece.packs[entry.place.pack].pages) {
      return false;
    }
  }
  for (const auto& pack : piece.packs) {
    if (pack.pages == 0 || pack.pages > kPackPagesMax) return false;
  }
  return true;
}

/// Nothing when the columns do not fit together.
std::optional<MapPiece> from_columns(Columns& columns) {
  const auto count = columns.pages.size();
  if (columns.format != kFormat || columns.pack.size() != count || columns.slots.size() != count ||
      columns.hashes.size() != 2 * count || count > kPieceEntriesMax) {
    return std::nullopt;
  }
  MapPiece piece{std::move(columns.packs), {}};
  piece.entries.resize(count);
  MapEntry last{};
  last.place.pack = 0;
  for (std::size_t i = 0; i < count; ++i) {
    last = {last.page + columns.pages[i],
            {columns.hashes[2 * i], columns.hashes[2 * i + 1]},
            {last.place.pack + columns.pack[i], last.place.slot + columns.slots[i]}};
    piece.entries[i] = last;
  }
  if (!is_sound(piece)) return std::nullopt;
  return piece;
}

}  // namespace

std::string encode_piece(const std::vector<MapEntry>& entries, const std::vector<PackRef>& packs) {
  Columns columns;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers;
  std::uint32_t last_page = 0;
  PagePlace last{0, 0};
  for (const auto& entry : entries) {
    const auto [at, is_new] =
        numbers.try_emplace(entry.place.pack, static_cast<std::uint32_t>(columns.packs.size()));
    if (is_new) columns.packs.push_back(packs.at(entry.place.pack));
    columns.pages.push_back(entry.page - last_page);
    columns.pack.push_back(at->second - last.pack);
    columns.slots.push_back(entry.place.slot - last.slot);
    columns.hashes.insert(columns.hashes.end(), entry.hash.begin(), entry.hash.end());
    last_page = entry.page;
    last = {at->second, entry.place.slot};
  }
  return compress(to_bytes(columns));
}

MapPiece read_piece(ObjectStore& store, const PieceRef& ref) {
  const auto bytes =
      decompress(get_content(store, ContentKind::kMap, ref.name, kPieceBytesMax), kPieceBytesMax);
  Columns columns;
  ByteReader reader(bytes ? std::string_view(*bytes) : std::string_view());
  reader(columns);
  auto piece = reader.complete() ? from_columns(columns) : std::nullopt;
  if (piece && piece->entries.size() == ref.entries) return std::move(*piece);
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("{} is no part of a page map",
                            store.address(key_of(ContentKind::kMap, ref.name))));
}

}  // namespace mosaic::backup
