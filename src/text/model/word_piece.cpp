#include "text/model/word_piece.hpp"

#include <algorithm>
#include <limits>

#include "text/model/characters.hpp"

namespace mosaic::text {
namespace {

bool is_character_start(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

/// The longest start of `text` that `table` has: its bytes and its id. Tries no more starts than
/// the longest piece has bytes, however long the text is.
std::pair<std::size_t, std::uint32_t> longest_start(std::string_view text,
                                                    const PieceTable& table) {
  for (auto size = std::min(text.size(), table.bytes_max()); size > 0; --size) {
    if (size < text.size() && !is_character_start(text[size])) continue;
    if (const auto id = table.find(text.substr(0, size))) return {size, *id};
  }
  return {0, 0};
}

}  // namespace

WordPiece::WordPiece(const JsonValue& model) {
  const auto vocabulary = model.at("vocab");
  const auto prefix = model.string_or("continuing_subword_prefix", "##");
  const auto limit = model.find("max_input_chars_per_word");
  characters_max_ = limit ? limit->number() : 100;
  const auto entries = vocabulary.object();
  starts_ = PieceTable(entries.size());
  continuations_ = PieceTable(entries.size());
  for (const auto [piece, value] : entries) {
    std::uint64_t id = 0;
    if (value.get(id) || id > std::numeric_limits<std::uint32_t>::max()) {
      vocabulary.member(value, piece).refuse("is not an id");
    }
    starts_.put(piece, static_cast<std::uint32_t>(id));
    if (piece.starts_with(prefix)) {
      continuations_.put(piece.substr(prefix.size()), static_cast<std::uint32_t>(id));
    }
  }
  unknown_ = starts_.find(model.string_or("unk_token", "[UNK]"));
}

void WordPiece::encode(std::string_view word, std::vector<std::uint32_t>& ids) const {
  const auto before = ids.size();
  if (!is_too_long(word) && append_pieces(word, ids)) return;
  ids.resize(before);
  if (unknown_) ids.push_back(*unknown_);
}

bool WordPiece::is_too_long(std::string_view word) const {
  if (word.size() <= characters_max_) return false;
  const auto count = std::count_if(word.begin(), word.end(), is_character_start);
  return static_cast<std::size_t>(count) > characters_max_;
}

bool WordPiece::append_pieces(std::string_view word, std::vector<std::uint32_t>& ids) const {
  const auto* table = &starts_;
  while (!word.empty()) {
    const auto [size, id] = longest_start(word, *table);
    if (size == 0) return false;
    ids.push_back(id);
    word.remove_prefix(size);
    table = &continuations_;
  }
  return true;
}

}  // namespace mosaic::text
