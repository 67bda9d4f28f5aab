// The port of the step that turns one pre-token into ids. Immutable: any number of threads may
// share one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "text/model/piece_table.hpp"

namespace mosaic::text {

class TokenModel {
 public:
  virtual ~TokenModel() = default;

  /// Appends the ids of `piece`, which is valid UTF-8 and not empty.
  virtual void encode(std::string_view piece, std::vector<std::uint32_t>& ids) const = 0;

  /// Every piece that has an id.
  virtual const PieceTable& pieces() const = 0;
  /// How many entries the file lists: the first id of tokens that are added to them.
  virtual std::size_t listed() const = 0;
  /// What stands for text without a piece, where the model has such a thing.
  virtual std::optional<std::uint32_t> unknown() const = 0;
};

}  // namespace mosaic::text
