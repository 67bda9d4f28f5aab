#include "text/model/builtin_model.hpp"

#include <numeric>

#include <gtest/gtest.h>

namespace mosaic::text {
namespace {

float cosine(std::string_view a, std::string_view b) {
  const auto left = builtin_model()->embed(a);
  const auto right = builtin_model()->embed(b);
  return std::inner_product(left.begin(), left.end(), right.begin(), 0.0F);
}

TEST(BuiltinModel, IsOpenedOnce) {
  EXPECT_EQ(builtin_model(), builtin_model());
  EXPECT_EQ(builtin_model()->dimension(), kBuiltinDimension);
}

TEST(BuiltinModel, GivesVectorsOfLengthOne) {
  const auto vector = builtin_model()->embed("find files that changed");
  const auto squares = std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0F);
  EXPECT_NEAR(squares, 1, 1e-4);
}

/// Neither text shares a word with the query.
struct Meaning {
  std::string_view query;
  std::string_view near;
  std::string_view far;
};

TEST(BuiltinModel, KnowsMeaningFromWords) {
  for (const auto& [query, near, far] : {
           Meaning{"turn photos into a panorama", "stitch pictures to one wide image",
                   "rotate the pages of some book"},
           Meaning{"heart attack", "myocardial infarction", "assault on a castle"},
           Meaning{"car", "automobile", "linked list"},
           Meaning{"watch a movie", "video player", "Swiss clock maker"},
           Meaning{"find files that changed", "show differences between directories",
                   "another weather forecast"},
           Meaning{"physician", "doctor of medicine", "theory of light and matter"},
           Meaning{"chess engine", "program that plays board games against you",
                   "motor of some lorry"},
       }) {
    EXPECT_GT(cosine(query, near), cosine(query, far) + 0.1) << query;
  }
}

TEST(BuiltinModel, HasNoVectorForNothing) {
  for (const auto* text : {"", "  ", "\n"})
    EXPECT_TRUE(builtin_model()->embed(text).empty()) << text;
}

}  // namespace
}  // namespace mosaic::text
