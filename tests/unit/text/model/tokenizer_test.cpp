#include "text/model/tokenizer.hpp"

#include <gtest/gtest.h>

#include "base/failure.hpp"
#include "unit/text/model/model_files.hpp"

namespace mosaic::text {
namespace {

using test::small_tokenizer;
using Ids = std::vector<std::uint32_t>;

std::string refusal(const std::string& json) {
  try {
    const Tokenizer tokenizer(json);
  } catch (const Failure& failure) {
    return failure.error().detail;
  }
  return "no error";
}

std::string replaced(std::string text, const std::string& part, std::string_view by) {
  const auto at = text.find(part);
  return at == text.npos ? "not there: " + part : text.replace(at, part.size(), by);
}

std::string added(std::string_view content, std::string_view flags) {
  return R"([{"id":7,"content":")" + std::string(content) + R"(","special":false,)" +
         std::string(flags) + "}]";
}

TEST(Tokenizer, CutsWordsIntoTheLongestPieces) {
  const Tokenizer tokenizer(small_tokenizer());
  EXPECT_EQ(tokenizer.encode("upper UP upperper"), (Ids{1, 2, 1, 1, 2, 2}));
}

TEST(Tokenizer, TakesAWordThatIsTooLongForUnknown) {
  const Tokenizer tokenizer(small_tokenizer());
  EXPECT_EQ(tokenizer.encode("upperper"), (Ids{1, 2, 2}));
  EXPECT_EQ(tokenizer.encode("upperperper"), Ids{0});
}

TEST(Tokenizer, TakesBytesThatAreNoTextForReplacementCharacters) {
  const Tokenizer plain(small_tokenizer("null"));
  EXPECT_EQ(plain.encode("up\xffup \xe2\x82 up"), plain.encode("up\uFFFDup \uFFFD up"));
  // BertNormalizer cleans them away.
  EXPECT_EQ(Tokenizer(small_tokenizer()).encode("u\xffp"), Ids{1});
}

TEST(Tokenizer, GivesAddedTokensTheNextIdsWhateverTheFileSays) {
  const auto list =
      added("<x>", R"("single_word":false,"lstrip":false,"rstrip":false,"normalized":false)");
  const Tokenizer tokenizer(small_tokenizer("null", list));
  EXPECT_EQ(tokenizer.tokens(), 4u);
  EXPECT_EQ(tokenizer.encode("up<x>up"), (Ids{1, 3, 1}));
}

TEST(Tokenizer, FindsANormalizedTokenInNormalText) {
  const auto list =
      added("Above", R"("single_word":true,"lstrip":false,"rstrip":false,"normalized":true)");
  const Tokenizer tokenizer(small_tokenizer(R"({"type":"Lowercase"})", list));
  EXPECT_EQ(tokenizer.encode("aBOVE up"), (Ids{3, 1}));
  EXPECT_EQ(tokenizer.encode("above_ up"), (Ids{0, 0, 1}));
}

TEST(Tokenizer, NamesThePartThatItDoesNotKnow) {
  const auto json = small_tokenizer();
  EXPECT_EQ(refusal(json), "no error");
  EXPECT_EQ(refusal(replaced(json, "WordPiece", "BPE")),
            "tokenizer.json.model is a 'BPE', which is not supported");
  EXPECT_EQ(refusal(replaced(json, "BertNormalizer", "ByteLevel")),
            "tokenizer.json.normalizer is a 'ByteLevel', which is not supported");
  EXPECT_EQ(refusal(replaced(json, "BertPreTokenizer", "ByteLevel")),
            "tokenizer.json.pre_tokenizer is a 'ByteLevel', which is not supported");
  EXPECT_EQ(refusal(small_tokenizer(
                R"({"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"X"}]})")),
            "tokenizer.json.normalizer.normalizers[1] is a 'X', which is not supported");
}

TEST(Tokenizer, RefusesAnExpressionThatIsMoreThanASetOfCharacters) {
  for (const auto* expression :
       {"a|b", "(a)", "ab", "a*", "a?", "^a", ".", "[^a]", "[a", "[]", "a{0}", "a{1,2}", "a{99999}",
        R"(\\d)", R"(\\p{L})", "[a&&b]", "", R"(\\)"}) {
    const auto json = small_tokenizer(R"({"type":"Replace","content":"","pattern":{"Regex":")" +
                                      std::string(expression) + R"("}})");
    EXPECT_NE(refusal(json).find("not one set of characters"), std::string::npos) << expression;
  }
}

TEST(Tokenizer, RefusesValuesOfAnotherType) {
  const auto json = small_tokenizer();
  EXPECT_NE(refusal(""), "no error");
  EXPECT_NE(refusal("[]"), "no error");
  EXPECT_NE(refusal(json.substr(0, json.size() - 2)), "no error");
  EXPECT_NE(refusal(replaced(json, R"("up":1)", R"("up":-1)")), "no error");
  EXPECT_NE(refusal(replaced(json, R"("up":1)", R"("up":"1")")), "no error");
  EXPECT_NE(refusal(replaced(json, R"("version":"1.0")", R"("version":"2.0")")), "no error");
  EXPECT_NE(refusal(replaced(json, R"("added_tokens":[])", R"("added_tokens":[{}])")), "no error");
}

TEST(Tokenizer, RefusesADamagedCharsmap) {
  for (const auto* map : {"", "A", "AAAA", "AAAAAA==", "////////", "BAAAAAAAAA==", "!!!!"}) {
    const auto json = small_tokenizer(R"({"type":"Precompiled","precompiled_charsmap":")" +
                                      std::string(map) + "\"}");
    EXPECT_NE(refusal(json), "no error") << map;
  }
}

TEST(Tokenizer, DropsUnknownTextWhereUnigramHasNoIdForIt) {
  const Tokenizer tokenizer(
      R"({"model":{"type":"Unigram","vocab":[["a",-1],["ab",-1.5],["b",-1]]}})");
  EXPECT_EQ(tokenizer.encode("abxa"), (Ids{1, 0}));
}

TEST(Tokenizer, KeepsTheFirstOfEqualWaysThroughAText) {
  const Tokenizer tokenizer(R"({"model":{"type":"Unigram","unk_id":0,
      "vocab":[["?",-9],["a",-1],["aa",-2],["b",-1]]}})");
  EXPECT_EQ(tokenizer.encode("aab"), (Ids{2, 3}));
}

TEST(Tokenizer, ReadsTheLongestTextInTime) {
  const Tokenizer words(small_tokenizer());
  EXPECT_EQ(words.encode(std::string(10'000'000, 'x')), Ids{0});
  std::string marks;
  for (int i = 0; i < 500'000; ++i) marks += i % 2 == 0 ? "\u0301" : "\u0327";
  EXPECT_TRUE(words.encode(marks).empty());
  const Tokenizer forms(small_tokenizer(R"({"type":"NFC"})"));
  EXPECT_EQ(forms.encode(marks), Ids{0});
}

}  // namespace
}  // namespace mosaic::text
