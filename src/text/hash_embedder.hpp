// Vectors from words alone (feature hashing: Weinberger et al., ICML 2009): no model, no state, the
// same vector for the same text on every node. Texts are near each other when they share words,
// word forms, parts of words or pairs of neighbouring words; the beginning of a text counts most.
#pragma once

#include <cstdint>
#include <string_view>

#include "mosaic/document.hpp"

namespace mosaic::text {

/// Words of one text that are read; those further back would weigh next to nothing.
constexpr std::size_t kEmbeddedWordsMax = 10'000;

/// A vector of length 1, or an empty one where title and text hold no word.
Vector embed(std::string_view title, std::string_view text, std::uint32_t dimension);

Vector embed_query(std::string_view text, std::uint32_t dimension);

}  // namespace mosaic::text
