// Tokens that are cut out of a text before it is normalised, or before it is cut into pre-tokens,
// and have ids of their own. Immutable: any number of threads may share one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/model/normalizer.hpp"
#include "text/model/pattern.hpp"
#include "text/model/piece_trie.hpp"
#include "text/model/token_model.hpp"

namespace mosaic::text {

/// A stretch of text, or the added token that stood there.
struct Stretch {
  std::string_view text;
  std::optional<std::uint32_t> id;
};

/// The tokens that are looked for at one stage.
class TokenMatcher {
 public:
  struct Token {
    std::string content;
    std::uint32_t id = 0;
    bool single_word = false;
    bool strips_left = false;
    bool strips_right = false;
  };

  TokenMatcher() = default;
  /// No content is empty and none is there twice.
  explicit TokenMatcher(std::vector<Token> tokens);

  /// Cuts `text` at the leftmost and there longest tokens. No stretch without an id is empty.
  std::vector<Stretch> cut(std::string_view text) const;

 private:
  /// The longest token at `at`, as its place in tokens_.
  std::optional<std::size_t> longest_at(std::string_view text, std::size_t at) const;

  std::vector<Token> tokens_;
  PieceTrie trie_;
};

class AddedTokens {
 public:
  /// `list` is the "added_tokens" of a tokenizer.json. Ids are given as the reference does it: that
  /// of an equal piece of the model, or the next one behind its pieces; those in the file are
  /// ignored.
  AddedTokens(const std::optional<JsonValue>& list, const TokenModel& model,
              const Normalizer* normalizer);

  const TokenMatcher& raw() const { return raw_; }                ///< for the text as it came
  const TokenMatcher& normalized() const { return normalized_; }  ///< for normalised text

  std::optional<std::uint32_t> find(std::string_view content) const { return ids_.find(content); }
  /// Contents and ids of all added tokens.
  const PieceTable& ids() const { return ids_; }

 private:
  PieceTable ids_;
  TokenMatcher raw_;
  TokenMatcher normalized_;
};

}  // namespace mosaic::text
