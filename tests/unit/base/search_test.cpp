#include "mosaic/search.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace mosaic {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string refusal(const SearchRequest& request) {
  CollectionSettings settings;
  settings.name = "docs";
  settings.dimension = 2;
  const auto checked = validate(request, settings);
  return checked ? "" : checked.error().detail;
}

SearchRequest words(std::string query = "words") {
  SearchRequest request;
  request.query = std::move(query);
  return request;
}

SearchRequest like(std::string id) {
  SearchRequest request;
  request.document = std::move(id);
  return request;
}

TEST(SearchContract, NeedsAQueryAVectorOrADocument) {
  SearchRequest request;
  EXPECT_EQ(refusal(request), "one of query, vector and document is required");
  request.vector = {1, 2};
  EXPECT_EQ(refusal(request), "");
  EXPECT_EQ(refusal(words()), "");
  EXPECT_EQ(refusal(like("a")), "");
}

TEST(SearchContract, HoldsTheLimitOfK) {
  auto request = words();
  request.k = kHitsMax;
  EXPECT_EQ(refusal(request), "");
  request.k = kHitsMax + 1;
  EXPECT_EQ(refusal(request), "k is 10001, must be 1 to 10000");
}

TEST(SearchContract, HoldsTheLimitOfEf) {
  auto request = words();
  EXPECT_EQ(effective_ef(request), kEfDefault);
  request.ef = kEfMax;
  EXPECT_EQ(refusal(request), "");
  EXPECT_EQ(effective_ef(request), kEfMax);
  request.ef = kEfMax + 1;
  EXPECT_EQ(refusal(request), "ef is 10001, must be 1 to 10000");
}

TEST(SearchContract, TakesFieldsOfVectorSearchInEveryMode) {
  auto request = words();
  request.mode = SearchMode::kText;
  request.ef = 7;
  request.exact = true;
  request.audit = true;
  EXPECT_EQ(refusal(request), "");
}

TEST(SearchContract, IsHybridWithAQueryElseByVector) {
  EXPECT_EQ(effective_mode(words()), SearchMode::kHybrid);
  EXPECT_EQ(effective_mode(like("a")), SearchMode::kVector);
  auto both = like("a");
  both.query = "words";
  EXPECT_EQ(effective_mode(both), SearchMode::kHybrid);
  EXPECT_EQ(refusal(both), "");
}

TEST(SearchContract, TakesTheWordsOfADocumentForAQuery) {
  for (const auto mode : {SearchMode::kText, SearchMode::kHybrid}) {
    auto request = like("a");
    request.mode = mode;
    EXPECT_EQ(refusal(request), "");
    request = {};
    request.vector = {1, 2};
    request.mode = mode;
    EXPECT_EQ(refusal(request),
              "mode '" + std::string(to_string(mode)) + "' needs a query or a document");
  }
}

TEST(SearchContract, RefusesADocumentThatIsNoId) {
  EXPECT_EQ(refusal(like("")), "document is empty");
  EXPECT_EQ(refusal(like(std::string(kIdBytesMax + 1, 'x'))),
            "document has 513 bytes, at most 512");
}

TEST(SearchContract, RefusesTwoVectorsToSearchWith) {
  auto request = like("a");
  request.vector = {1, 2};
  EXPECT_EQ(refusal(request),
            "document 'a' and vector are both given: each is the vector to search with");
}

TEST(SearchContract, TakesWeightsUpToTheirLimit) {
  auto request = words();
  request.weights = {kWeightMax, 0, kWeightMax};
  EXPECT_EQ(refusal(request), "");
  request.weights = {0, 1e-9, 0};
  EXPECT_EQ(refusal(request), "");
  for (const auto bad : {-0.5, 1000.5, kNan, kInfinity}) {
    const auto expected = [bad](const std::string& field) {
      const auto shown = bad == -0.5 ? "-0.5" : bad == 1000.5 ? "1000.5" : bad > 0 ? "inf" : "nan";
      return field + " is " + shown + ", must be 0 to 1000";
    };
    request.weights = {bad, 1, 0};
    EXPECT_EQ(refusal(request), expected("weights.vector"));
    request.weights = {1, bad, 0};
    EXPECT_EQ(refusal(request), expected("weights.text"));
    request.weights = {1, 1, bad};
    EXPECT_EQ(refusal(request), expected("weights.pagerank"));
  }
}

TEST(SearchContract, NeedsAnArmThatCounts) {
  auto request = words();
  request.weights = {0, 0, 1};
  EXPECT_EQ(refusal(request), "weights.vector and weights.text are both 0, one must be positive");
}

TEST(SearchContract, TakesADiversityOfZeroToOne) {
  auto request = words();
  for (const auto good : {0.0, 0.5, 1.0}) {
    request.diversity = good;
    EXPECT_EQ(refusal(request), "");
  }
  request.diversity = 1.5;
  EXPECT_EQ(refusal(request), "diversity is 1.5, must be 0 to 1");
  request.diversity = -0.1;
  EXPECT_EQ(refusal(request), "diversity is -0.1, must be 0 to 1");
  request.diversity = kNan;
  EXPECT_EQ(refusal(request), "diversity is nan, must be 0 to 1");
}

TEST(SearchContract, AsksTheNearestShardsOnlyWhereCentroidsSayWhichTheyAre) {
  auto request = words();
  request.shards_to_search = 1;
  EXPECT_EQ(refusal(request),
            "shards_to_search is 1, but collection 'docs' is routed by hash: which shards are "
            "nearest to a query is known where routing is 'centroid'");
  CollectionSettings settings;
  settings.routing = "centroid";
  EXPECT_TRUE(validate(request, settings));
  request.shards_to_search = kShardsMax;
  EXPECT_TRUE(validate(request, settings));
  request.shards_to_search = kShardsMax + 1;
  EXPECT_EQ(validate(request, settings).error().detail,
            "shards_to_search is 1025, must be 0 to 1024");
}

TEST(SearchContract, NamesItsFusions) {
  EXPECT_EQ(to_string(Fusion::kRrf), "rrf");
  EXPECT_EQ(to_string(Fusion::kWeighted), "weighted");
}

}  // namespace
}  // namespace mosaic
