#include "text/stem.hpp"

#include <gtest/gtest.h>

namespace mosaic::text {
namespace {

void expect_one_stem(std::initializer_list<std::string_view> words) {
  for (const auto word : words) EXPECT_EQ(stem(word), stem(*words.begin())) << word;
}

TEST(Stem, BringsFormsOfAWordTogether) {
  expect_one_stem(
      {"compile", "compiles", "compiled", "compiling", "compiler", "compilers", "compilation"});
  expect_one_stem({"library", "libraries"});
  expect_one_stem({"server", "servers"});
  expect_one_stem({"monitor", "monitors", "monitoring", "monitored"});
  expect_one_stem({"process", "processes", "processing", "processed"});
  expect_one_stem({"optimize", "optimization", "optimizing"});
  expect_one_stem({"generate", "generates", "generating", "generator", "generation"});
  expect_one_stem({"format", "formats", "formatted", "formatting"});
  expect_one_stem({"repeat", "repeated", "repeating"});
  expect_one_stem({"planning", "plan", "plans", "planned"});
}

TEST(Stem, KeepsDifferentWordsApart) {
  EXPECT_NE(stem("string"), stem("strong"));
  EXPECT_NE(stem("class"), stem("clas"));
  EXPECT_NE(stem("network"), stem("netware"));
}

TEST(Stem, LeavesShortAndOddWordsAlone) {
  for (const auto* word : {"", "s", "is", "gas", "ing", "x86s", "python3s", "caf\u00e9s", "bus"}) {
    EXPECT_EQ(stem(word), word);
  }
}

TEST(Stem, NeverCutsAWordWithoutAVowelToNothing) {
  for (const auto* word : {"sing", "ring", "string", "shred", "bed"}) EXPECT_EQ(stem(word), word);
}

TEST(Stem, IsAViewIntoTheWord) {
  const std::string_view word = "compilation";
  EXPECT_EQ(stem(word).data(), word.data());
}

}  // namespace
}  // namespace mosaic::text
