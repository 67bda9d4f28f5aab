// Splits text into words for the hashing embedder: runs of ASCII letters and digits, folded to
// lower case, and of bytes beyond ASCII as they are, save common UTF-8 punctuation.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mosaic::text {

constexpr std::size_t kWordBytesMax = 64;  ///< a longer run is cut into several words

/// `text` with ASCII letters in lower case.
std::string ascii_lower(std::string_view text);

/// At most `words_max` words of `lower_case_text`, as views into it.
std::vector<std::string_view> words_of(std::string_view lower_case_text, std::size_t words_max);

}  // namespace mosaic::text
