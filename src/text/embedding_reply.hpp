// Reads what an embedding endpoint answers. Everything in it is checked: a wrong vector would be
// stored for good. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mosaic/document.hpp"

namespace mosaic::text {

/// The vectors in `body` (OpenAI's "List of embeddings"), in the order of their `index`. There must
/// be `count` of them, finite, not zero, all of `dimension` numbers; 0: all of one dimension. The
/// error, unavailable, says what is wrong as the end of a sentence.
Result<std::vector<Vector>> read_embeddings(std::string body, std::size_t count,
                                            std::uint32_t dimension);

constexpr std::size_t kQuotedBytesMax = 200;

/// What an endpoint says went wrong, for people: its own message or the beginning of `body`, in one
/// line of at most kQuotedBytesMax bytes; `secret` is blackened.
std::string read_complaint(std::string body, const std::string& secret);

}  // namespace mosaic::text
