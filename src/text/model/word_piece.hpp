// WordPiece (Schuster and Nakajima 2012; Wu et al. 2016): the longest piece that starts a word,
// then the longest that continues it, and so on; where none does, all of the word is unknown.
#pragma once

#include <memory>

#include "text/model/json_value.hpp"
#include "text/model/token_model.hpp"

namespace mosaic::text {

class WordPiece final : public TokenModel {
 public:
  /// `model` is that of a tokenizer.json.
  explicit WordPiece(const JsonValue& model);

  void encode(std::string_view word, std::vector<std::uint32_t>& ids) const override;
  const PieceTable& pieces() const override { return starts_; }
  std::size_t listed() const override { return starts_.size(); }
  std::optional<std::uint32_t> unknown() const override { return unknown_; }

 private:
  bool is_too_long(std::string_view word) const;
  bool append_pieces(std::string_view word, std::vector<std::uint32_t>& ids) const;

  PieceTable starts_;         // all pieces, as they are in the file
  PieceTable continuations_;  // those that continue a word, without their prefix
  std::optional<std::uint32_t> unknown_;
  std::size_t characters_max_ = 0;
};

}  // namespace mosaic::text
