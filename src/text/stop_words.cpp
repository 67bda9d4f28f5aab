#include "text/stop_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace mosaic::text {
namespace {

/// Articles, pronouns, prepositions, conjunctions, auxiliaries and the fragments that an apostrophe
/// leaves behind. Sorted.
constexpr auto kStopWords = std::to_array<std::string_view>({
    "a",       "about",     "above",   "across",   "after",    "against", "all",       "almost",
    "along",   "already",   "also",    "although", "always",   "am",      "among",     "an",
    "and",     "another",   "any",     "anyone",   "anything", "are",     "around",    "as",
    "at",      "be",        "became",  "because",  "been",     "before",  "being",     "below",
    "between", "both",      "but",     "by",       "can",      "cannot",  "could",     "d",
    "did",     "do",        "does",    "doing",    "done",     "down",    "during",    "each",
    "either",  "etc",       "even",    "ever",     "every",    "few",     "for",       "from",
    "further", "get",       "give",    "given",    "gives",    "had",     "has",       "have",
    "having",  "he",        "hence",   "her",      "here",     "hers",    "him",       "his",
    "how",     "however",   "i",       "if",       "in",       "instead", "into",      "is",
    "it",      "its",       "itself",  "just",     "ll",       "m",       "may",       "me",
    "might",   "more",      "most",    "much",     "must",     "my",      "neither",   "no",
    "nor",     "not",       "of",      "off",      "often",    "on",      "once",      "only",
    "onto",    "or",        "other",   "others",   "our",      "out",     "over",      "own",
    "per",     "perhaps",   "quite",   "rather",   "re",       "s",       "same",      "shall",
    "she",     "should",    "since",   "so",       "some",     "someone", "something", "still",
    "such",    "t",         "than",    "that",     "the",      "their",   "them",      "then",
    "there",   "therefore", "these",   "they",     "this",     "those",   "though",    "through",
    "thus",    "to",        "too",     "toward",   "under",    "until",   "up",        "upon",
    "us",      "ve",        "very",    "via",      "was",      "we",      "were",      "what",
    "when",    "where",     "whether", "which",    "while",    "who",     "whom",      "whose",
    "why",     "will",      "with",    "within",   "without",  "would",   "yet",       "you",
    "your",
});

static_assert(std::is_sorted(kStopWords.begin(), kStopWords.end()));

void drop_repetitions(std::vector<std::string>& tokens) {
  std::unordered_set<std::string> seen;
  std::erase_if(tokens, [&seen](const std::string& token) { return !seen.insert(token).second; });
}

}  // namespace

bool is_stop_word(std::string_view lower_case_word) {
  return std::binary_search(kStopWords.begin(), kStopWords.end(), lower_case_word);
}

Result<std::vector<std::string>> query_terms(std::vector<std::string> tokens) {
  drop_repetitions(tokens);
  if (!std::all_of(tokens.begin(), tokens.end(), is_stop_word)) {
    std::erase_if(tokens, is_stop_word);
  }
  if (tokens.size() > kQueryTermsMax) {
    return invalid(
        fmt::format("query has {} distinct terms, at most {}", tokens.size(), kQueryTermsMax));
  }
  return tokens;
}

}  // namespace mosaic::text
