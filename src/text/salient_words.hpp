// "More like this": the words by which a document can be searched for. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mosaic::text {

/// Lucene's MoreLikeThis asks for as many: more cost time and change the ranking little.
constexpr std::size_t kSalientWordsMax = 25;

/// At most `words_max` words of a document, as the text of a query, the most telling first; empty
/// where it has no words. A word counts as often as it and its other forms occur, several times
/// where it is in the title, and less where any prose uses it (word_weight.hpp). Only one form of a
/// word is given. Stop words are left out unless there is nothing else.
std::string salient_words(std::string_view title, std::string_view text,
                          std::size_t words_max = kSalientWordsMax);

}  // namespace mosaic::text
