// The port of the step that rewrites a text before it is cut into pre-tokens, and those of its
// kinds that are short. Immutable: any number of threads may share one. Each is linear.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "text/model/json_value.hpp"

namespace mosaic::text {

/// A text on its way, valid UTF-8.
struct NormalText {
  std::string text;
  /// So many bytes come from the first character of what was given; Metaspace asks.
  std::size_t start_bytes = 0;
};

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(NormalText& text) const = 0;
};

/// `value` is the "normalizer" of a tokenizer.json. A kind that is not known is refused by name.
std::unique_ptr<const Normalizer> read_normalizer(const JsonValue& value);

}  // namespace mosaic::text
