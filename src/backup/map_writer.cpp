#include "backup/map_writer.hpp"

#include <utility>

namespace mosaic::backup {

void MapWriter::add(std::size_t file, const MapEntry& entry) {
  if (entries_.size() == kPieceEntriesMax) end_file(file);
  entries_.push_back(entry);
}

void MapWriter::end_file(std::size_t file) {
  if (!entries_.empty()) waiting_.push_back({file, std::exchange(entries_, {})});
}

std::uint64_t MapWriter::send_waiting() {
  std::uint64_t sent = 0;
  for (const auto& piece : waiting_) {
    const auto bytes = encode_piece(piece.entries, packs_.all());
    const auto name = put_content(store_, ContentKind::kMap, tag_, bytes);
    layers_[piece.file].push_back(
        {name, static_cast<std::uint32_t>(piece.entries.size()), bytes.size()});
    sent += bytes.size();
  }
  waiting_.clear();
  return sent;
}

}  // namespace mosaic::backup
