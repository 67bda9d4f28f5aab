#include "text/model/split_behavior.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mosaic::text {
namespace {

std::vector<Span> removed(const std::vector<Part>& parts) {
  std::vector<Span> kept;
  for (const auto& part : parts) {
    if (!part.matches) kept.push_back(part.span);
  }
  return kept;
}

std::vector<Span> isolated(const std::vector<Part>& parts) {
  std::vector<Span> kept;
  for (const auto& part : parts) kept.push_back(part.span);
  return kept;
}

/// Neighbours that are all matches or all none become one.
std::vector<Span> contiguous(const std::vector<Part>& parts) {
  std::vector<Span> kept;
  bool before = false;
  for (const auto& part : parts) {
    if (part.matches == before && !kept.empty()) {
      kept.back().end = part.span.end;
    } else {
      kept.push_back(part.span);
    }
    before = part.matches;
  }
  return kept;
}

/// A match joins what is before it, unless that is a match.
std::vector<Span> merged_with_previous(const std::vector<Part>& parts) {
  std::vector<Span> kept;
  bool before = false;
  for (const auto& part : parts) {
    if (part.matches && !before && !kept.empty()) {
      kept.back().end = part.span.end;
    } else {
      kept.push_back(part.span);
    }
    before = part.matches;
  }
  return kept;
}

std::vector<Span> merged_with_next(const std::vector<Part>& parts) {
  std::vector<Span> kept;
  bool after = false;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (part->matches && !after && !kept.empty()) {
      kept.back().begin = part->span.begin;
    } else {
      kept.push_back(part->span);
    }
    after = part->matches;
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

std::vector<Span> spans(const std::vector<Part>& parts, SplitBehavior behavior) {
  switch (behavior) {
    case SplitBehavior::kRemoved:
      return removed(parts);
    case SplitBehavior::kIsolated:
      return isolated(parts);
    case SplitBehavior::kMergedWithPrevious:
      return merged_with_previous(parts);
    case SplitBehavior::kMergedWithNext:
      return merged_with_next(parts);
    case SplitBehavior::kContiguous:
      break;
  }
  return contiguous(parts);
}

}  // namespace

SplitBehavior read_split_behavior(const JsonValue& value) {
  constexpr std::pair<std::string_view, SplitBehavior> kNames[] = {
      {"Removed", SplitBehavior::kRemoved},
      {"Isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", SplitBehavior::kMergedWithNext},
      {"Contiguous", SplitBehavior::kContiguous}};
  for (const auto& [name, behavior] : kNames) {
    if (value.string() == name) return behavior;
  }
  value.refuse(fmt::format("is '{}', which is not supported", value.string()));
}

void append_split(const Piece& piece, const std::vector<Part>& parts, SplitBehavior behavior,
                  std::vector<Piece>& out) {
  for (const auto& span : spans(parts, behavior)) {
    if (span.begin < span.end) out.push_back(piece.part(span.begin, span.end));
  }
}

}  // namespace mosaic::text
