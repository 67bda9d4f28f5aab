// How much a word tells about a text, without a corpus to count in: words that any technical prose
// uses tell less. This is the place of the inverse document frequency in a collection that starts
// empty.
#pragma once

#include <string_view>

namespace mosaic::text {

/// 1, or less for the stem of a common word.
double word_weight(std::string_view stem);

}  // namespace mosaic::text
