// What becomes of the matches that a piece is split at: SplitDelimiterBehavior of the reference.
#pragma once

#include <cstdint>
#include <vector>

#include "text/model/pattern.hpp"
#include "text/model/pre_tokenizer.hpp"

namespace mosaic::text {

enum class SplitBehavior : std::uint8_t {
  kRemoved,
  kIsolated,
  kMergedWithPrevious,
  kMergedWithNext,
  kContiguous,
};

SplitBehavior read_split_behavior(const JsonValue& value);

/// A part of a piece; parts follow each other without a gap.
struct Part {
  Span span;
  bool matches;
};

/// Appends what `piece` becomes when it is split into `parts`.
void append_split(const Piece& piece, const std::vector<Part>& parts, SplitBehavior behavior,
                  std::vector<Piece>& out);

}  // namespace mosaic::text
