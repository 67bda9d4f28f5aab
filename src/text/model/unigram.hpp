// Unigram (Kudo 2018): of all ways to cut a text into pieces the one with the largest sum of
// scores, found by the algorithm of Viterbi. Ties and unknown text are as in the reference: what is
// found first stays, an unknown character scores 10 less than the worst piece, unknown neighbours
// are one.
#pragma once

#include <array>
#include <memory>

#include "text/model/json_value.hpp"
#include "text/model/piece_trie.hpp"
#include "text/model/token_model.hpp"

namespace mosaic::text {

class Unigram final : public TokenModel {
 public:
  /// `model` is that of a tokenizer.json.
  explicit Unigram(const JsonValue& model);

  /// Text that is in no piece is dropped where the model has none for the unknown.
  void encode(std::string_view text, std::vector<std::uint32_t>& ids) const override;
  const PieceTable& pieces() const override { return pieces_; }
  std::size_t listed() const override { return scores_.size(); }
  std::optional<std::uint32_t> unknown() const override { return unknown_; }

 private:
  /// The best way to reach an end.
  struct Step {
    double score = 0;
    std::uint32_t id = 0;
    std::uint32_t bytes = 0;  // back to where its last piece begins; 0: not reached
  };

  void read_bytes();
  std::vector<Step> best_steps(std::string_view text) const;
  /// The ids of one piece of the way found, or of neighbours that are all unknown.
  void append_piece(std::string_view text, std::vector<std::uint32_t>& ids) const;

  PieceTable pieces_;
  PieceTrie trie_;
  std::vector<double> scores_;
  double unknown_score_ = 0;
  std::optional<std::uint32_t> unknown_;
  std::optional<std::array<std::uint32_t, 256>> bytes_;  // pieces for single bytes
};

}  // namespace mosaic::text
