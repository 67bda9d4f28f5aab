#include "text/stop_words.hpp"

#include <gtest/gtest.h>

namespace mosaic::text {
namespace {

using Terms = std::vector<std::string>;

Terms terms(Terms tokens) {
  return query_terms(std::move(tokens)).value();
}

Terms numbered(std::size_t count) {
  Terms tokens;
  for (std::size_t i = 0; i < count; ++i) tokens.push_back("w" + std::to_string(i));
  return tokens;
}

TEST(StopWords, AreFunctionWords) {
  for (const auto* word : {"a", "the", "of", "which", "between", "your"}) {
    EXPECT_TRUE(is_stop_word(word)) << word;
  }
  for (const auto* word : {"", "server", "computer", "The", "thee"}) {
    EXPECT_FALSE(is_stop_word(word)) << word;
  }
}

TEST(QueryTerms, LeaveOutStopWordsAndRepetitions) {
  EXPECT_EQ(terms({"the", "web", "server", "of", "the", "web"}), (Terms{"web", "server"}));
}

TEST(QueryTerms, KeepStopWordsWhereThereIsNothingElse) {
  EXPECT_EQ(terms({"to", "be", "or", "not", "to", "be"}), (Terms{"to", "be", "or", "not"}));
}

TEST(QueryTerms, AreNoneWithoutTokens) {
  EXPECT_TRUE(terms({}).empty());
}

TEST(QueryTerms, HoldTheirLimitAfterLeavingOut) {
  auto tokens = numbered(kQueryTermsMax);
  tokens.push_back("w0");
  tokens.push_back("the");
  EXPECT_EQ(terms(tokens).size(), kQueryTermsMax);
}

TEST(QueryTerms, RefuseMoreThanTheLimit) {
  const auto refused = query_terms(numbered(kQueryTermsMax + 1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error(), invalid("query has 1025 distinct terms, at most 1024"));
}

}  // namespace
}  // namespace mosaic::text
