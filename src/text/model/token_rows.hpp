// The vectors of a model's tokens, where they stand in its file: a table of rows, with a weight for
// each token and a row for each token where the file has them. Immutable: any number of threads may
// share one. The bytes belong to the caller and outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mosaic/document.hpp"
#include "text/model/row_sum.hpp"

namespace mosaic::text {

class TokenRows {
 public:
  /// `file` is a model.safetensors: "embeddings" (or "embedding.weight", its name in models of
  /// sentence-transformers) [rows, dimension] in F32, F16, BF16 or I8; where they are, "weights"
  /// [ids] in F64, F32, F16 or BF16, and "mapping" [ids] in I32 or I64. Throws a Failure where a
  /// number is not finite or beyond 1e15, or the `tokens` different tokens with ids below `ids_end`
  /// do not fit.
  TokenRows(std::string_view file, std::size_t tokens, std::size_t ids_end);

  std::uint32_t dimension() const { return dimension_; }

  /// The mean of the rows of `ids`, which are all below `ids_end` and at least one.
  Vector mean(std::span<const std::uint32_t> ids) const;

 private:
  void check_numbers(const Tensor& table) const;

  std::string_view bytes_;
  std::size_t row_bytes_ = 0;
  std::uint32_t dimension_ = 0;
  AddRow add_row_ = nullptr;
  std::vector<float> weights_;          // by id, or empty: all are 1
  std::vector<std::uint32_t> mapping_;  // by id, or empty: a row's number is its token's id
};

}  // namespace mosaic::text
