// A light English stemmer that only ever cuts: the stem is a prefix of the word, so finding it
// costs no memory. It aims at forms of one word meeting ("compile", "compiles", "compiled",
// "compiler", "compilation"), not at stems that are words.
#pragma once

#include <string_view>

namespace mosaic::text {

/// The stem of a word in lower case, as a view into it. Words of up to three bytes and words with
/// digits or bytes beyond ASCII stay as they are.
std::string_view stem(std::string_view word);

}  // namespace mosaic::text
