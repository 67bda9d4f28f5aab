// A tokenizer.json as the Python package `tokenizers` reads it, for texts and their ids alone: no
// special tokens around a text, no offsets, no truncation. Immutable: any number of threads may
// share one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "text/model/added_tokens.hpp"
#include "text/model/normalizer.hpp"
#include "text/model/pre_tokenizer.hpp"
#include "text/model/token_model.hpp"

namespace mosaic::text {

class Tokenizer {
 public:
  /// Models WordPiece and Unigram. Throws a Failure that names what is damaged or not known;
  /// post_processor, decoder, truncation and padding are not read.
  explicit Tokenizer(std::string_view json);

  /// The ids of a text, that of unknown text among them. Linear in the text but for runs of
  /// combining marks, which are sorted. Bytes that are no UTF-8 count as U+FFFD.
  std::vector<std::uint32_t> encode(std::string_view text) const;

  /// How many different tokens there are, and one more than the largest id.
  std::size_t tokens() const { return tokens_; }
  std::size_t ids_end() const { return ids_end_; }
  /// The median of the characters that tokens have, rounded down.
  std::size_t median_characters() const { return median_characters_; }
  std::optional<std::uint32_t> unknown() const { return unknown_; }

 private:
  void count_tokens();
  void encode_raw(const Piece& raw, std::vector<std::uint32_t>& ids) const;
  void encode_normal(const Piece& normal, std::vector<std::uint32_t>& ids) const;

  std::unique_ptr<const TokenModel> model_;
  std::unique_ptr<const Normalizer> normalizer_;       // or null
  std::unique_ptr<const PreTokenizer> pre_tokenizer_;  // or null
  std::optional<AddedTokens> added_;
  std::size_t tokens_ = 0;
  std::size_t ids_end_ = 0;
  std::size_t median_characters_ = 0;
  std::optional<std::uint32_t> unknown_;
};

}  // namespace mosaic::text
