// Which page of a file is where, in pieces: an object of up to kPieceEntriesMax pages in ascending
// order. The map of a file is a list of layers, each a list of pieces; for a page that stands in
// several layers the last one counts. The first layer has every page that the file had then, those
// after it have what changed from backup to backup.
#pragma once

#include <string>
#include <vector>

#include "backup/content.hpp"
#include "backup/page.hpp"

namespace mosaic::backup {

constexpr std::size_t kPieceEntriesMax = 65'536;
constexpr std::size_t kPieceBytesMax = 16 << 20;  ///< before and after compression

struct PackRef {
  ContentName name;
  std::uint32_t pages = 0;
  std::uint64_t bytes = 0;  ///< of the object
};

struct PieceRef {
  ContentName name;
  std::uint32_t entries = 0;
  std::uint64_t bytes = 0;  ///< of the object
};

using MapLayers = std::vector<std::vector<PieceRef>>;

struct MapEntry {
  std::uint32_t page = 0;
  PageHash hash{};
  PagePlace place;  ///< its pack counts within the piece or within the run
};

struct MapPiece {
  std::vector<PackRef> packs;  ///< that its entries name
  std::vector<MapEntry> entries;
};

/// The object of a piece whose places count in `packs`; only those that it needs become part of it.
std::string encode_piece(const std::vector<MapEntry>& entries, const std::vector<PackRef>& packs);

/// Throws Failure (corrupt_data) naming the object when it is missing, damaged or says anything
/// that cannot be.
MapPiece read_piece(ObjectStore& store, const PieceRef& piece);

template <class Archive>
void archive(Archive& ar, PackRef& pack) {
  ar(pack.name, pack.pages, pack.bytes);
}

template <class Archive>
void archive(Archive& ar, PieceRef& piece) {
  ar(piece.name, piece.entries, piece.bytes);
}

}  // namespace mosaic::backup
