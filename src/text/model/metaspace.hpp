// Metaspace: spaces become a visible mark, which also goes before the text, and words are cut off
// before each mark.
#pragma once

#include <cstdint>
#include <string>

#include "text/model/pre_tokenizer.hpp"

namespace mosaic::text {

class Metaspace final : public PreTokenizer {
 public:
  explicit Metaspace(const JsonValue& value);
  void split(Pieces& pieces) const override;

 private:
  enum class Prepend : std::uint8_t { kAlways, kFirst, kNever };
  static Prepend read_prepend(const JsonValue& value);

  /// The piece with its marks, in a text of its own among those of `pieces`.
  Piece marked(const Piece& piece, Pieces& pieces) const;
  void append_words(const Piece& piece, std::vector<Piece>& out) const;

  const std::string mark_;  // one character
  const Prepend prepend_;
  const bool split_;
};

}  // namespace mosaic::text
