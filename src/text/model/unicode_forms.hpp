// The normalisation forms of Unicode Standard Annex 15 over utf8proc's tables. Linear, but for runs
// of combining marks, which are sorted. Characters that the reference tokenizer's older tables do
// not know are left alone. Pure functions for any thread.
#pragma once

#include <string>
#include <string_view>

namespace mosaic::text {

enum class UnicodeForm { kNfc, kNfd, kNfkc, kNfkd };

std::u32string to_form(std::u32string_view text, UnicodeForm form);

}  // namespace mosaic::text
