// The port of the step that cuts a text into pre-tokens, which are encoded one by one. Immutable:
// any number of threads may share one. Each is linear.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/model/json_value.hpp"

namespace mosaic::text {

/// A part of a text, never empty.
struct Piece {
  std::string_view text;
  std::size_t start_bytes = 0;  ///< so many come from the first character of the whole text

  /// Bytes [begin, end) of it.
  Piece part(std::size_t begin, std::size_t end) const {
    return {text.substr(begin, end - begin), start_bytes > begin ? start_bytes - begin : 0};
  }
};

/// Pieces in the order of the text, and the texts that were written anew on the way.
struct Pieces {
  std::vector<Piece> list;
  std::deque<std::string> written;
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void split(Pieces& pieces) const = 0;
};

/// `value` is the "pre_tokenizer" of a tokenizer.json. A kind that is not known is refused by name.
std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const JsonValue& value);

}  // namespace mosaic::text
