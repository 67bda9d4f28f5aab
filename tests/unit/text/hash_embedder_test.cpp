#include "text/hash_embedder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "text/embedder.hpp"
#include "text/word_weight.hpp"

namespace mosaic::text {
namespace {

constexpr std::uint32_t kDimension = 256;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double similarity(std::string_view a, std::string_view b) {
  return dot(embed_query(a, kDimension), embed("", b, kDimension));
}

TEST(HashEmbedder, GivesAVectorOfLengthOneInEveryDimension) {
  for (const std::uint32_t dimension : {1u, 2u, 3u, 7u, 256u, 1000u, 65'536u}) {
    for (const auto* text : {"x", "a small web server", "the", "\u65e5\u672c\u8a9e", "1 2 3"}) {
      const auto vector = embed("", text, dimension);
      ASSERT_EQ(vector.size(), dimension);
      EXPECT_NEAR(dot(vector, vector), 1, 1e-5) << text << " in " << dimension;
    }
  }
}

TEST(HashEmbedder, NeverGivesZeroWhereFeaturesCancelOut) {
  for (int i = 0; i < 2'000; ++i) {
    const auto vector = embed("", "w" + std::to_string(i), 1);
    ASSERT_NEAR(std::abs(vector.at(0)), 1, 1e-6) << i;
  }
}

TEST(HashEmbedder, GivesNothingForTextWithoutWords) {
  EXPECT_TRUE(embed("", "", kDimension).empty());
  EXPECT_TRUE(embed("  ", "...\n\u2014", kDimension).empty());
  EXPECT_TRUE(embed_query("?!", kDimension).empty());
  EXPECT_TRUE(embed("title", "text", 0).empty());
}

TEST(HashEmbedder, GivesTheSameVectorForTheSameText) {
  EXPECT_EQ(embed("Web server", "fast", kDimension), embed("web SERVER", "Fast!", kDimension));
}

TEST(HashEmbedder, NeverChangesAVector) {
  // Stored vectors are compared with those of new queries: another hash would part them.
  const auto vector = embed("Web server", "serves pages", 8);
  const Vector expected = {-0.573351204f, 0.234908864f,  -0.211097211f, 0.0805129409f,
                           0.114509709f,  -0.162858069f, -0.351286530f, 0.634038210f};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(vector[i], expected[i], 1e-6) << i;
}

TEST(HashEmbedder, PutsRelatedTextsNearer) {
  EXPECT_GT(similarity("web server", "A fast HTTP server for the web"),
            similarity("web server", "A game of chess with several levels"));
  EXPECT_GT(similarity("compiling Fortran", "Fortran compiler"), 0.5);
  EXPECT_NEAR(similarity("chess", "filesystem encryption"), 0, 0.25);
}

TEST(HashEmbedder, ForgivesASpellingMistake) {
  EXPECT_GT(similarity("databse", "database"), similarity("databse", "firewall") + 0.2);
}

TEST(HashEmbedder, DropsStopWordsUnlessThereIsNothingElse) {
  EXPECT_EQ(embed_query("the server", kDimension), embed_query("server", kDimension));
  EXPECT_FALSE(embed_query("the who", kDimension).empty());
}

TEST(HashEmbedder, CountsTheTitleMoreThanTheText) {
  const auto query = embed_query("chess", kDimension);
  EXPECT_GT(dot(query, embed("chess", "archive", kDimension)),
            dot(query, embed("archive", "chess", kDimension)));
}

TEST(HashEmbedder, CountsTheBeginningOfATextMore) {
  std::string filler;
  for (int i = 0; i < 50; ++i) filler += " word" + std::to_string(i);
  EXPECT_GT(similarity("chess", "chess" + filler), similarity("chess", filler + " chess"));
}

TEST(HashEmbedder, DependsOnTheOrderOfWordsALittle) {
  const auto same = similarity("house boat", "house boat");
  const auto turned = similarity("house boat", "boat house");
  EXPECT_LT(turned, same);
  EXPECT_GT(turned, 0.9);
}

TEST(HashEmbedder, ReadsTheLargestTextInTime) {
  std::string text;
  while (text.size() < kTextBytesMax) text += "word" + std::to_string(text.size()) + " ";
  EXPECT_EQ(embed("", text, kDimension).size(), kDimension);
  EXPECT_EQ(embed("", std::string(kTextBytesMax, 'x'), kDimension).size(), kDimension);
}

TEST(WordWeight, IsLessForCommonWordsInAnyForm) {
  EXPECT_LT(word_weight("use"), 1);
  EXPECT_LT(word_weight("implement"), 1);
  EXPECT_EQ(word_weight("chess"), 1);
}

}  // namespace
}  // namespace mosaic::text
