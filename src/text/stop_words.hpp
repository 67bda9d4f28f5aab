// English words that say nothing about a text's subject, and what is left of a query without them.
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::text {

constexpr std::size_t kQueryTermsMax = 1'024;

bool is_stop_word(std::string_view lower_case_word);

/// The distinct tokens in their order, without stop words; with them where there is nothing else,
/// so that "The Who" can be searched for. More than kQueryTermsMax terms are an error.
Result<std::vector<std::string>> query_terms(std::vector<std::string> tokens);

}  // namespace mosaic::text
