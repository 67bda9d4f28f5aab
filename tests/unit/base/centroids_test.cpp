#include "mosaic/centroids.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace mosaic {
namespace {

CollectionSettings by_centroid(std::uint32_t shards = 4) {
  CollectionSettings settings;
  settings.name = "docs";
  settings.dimension = 2;
  settings.shards = shards;
  settings.routing = "centroid";
  return settings;
}

CollectionSettings by_hash() {
  auto settings = by_centroid();
  settings.routing = "hash";
  return settings;
}

std::string refusal(const TrainOptions& options, const CollectionSettings& settings) {
  const auto checked = validate(options, settings);
  return checked ? "" : checked.error().detail;
}

std::string refusal_of(const std::vector<Vector>& vectors, const CollectionSettings& settings) {
  const auto checked = validate_centroids(vectors, settings);
  return checked ? "" : checked.error().detail;
}

TEST(Routing, IsByHashUnlessTheSettingsSayOtherwise) {
  EXPECT_FALSE(is_by_centroid({}));
  EXPECT_TRUE(is_by_centroid(by_centroid()));
  EXPECT_TRUE(validate(by_centroid()));
  auto odd = by_centroid();
  odd.routing = "round";
  EXPECT_EQ(validate(odd).error().detail, "routing 'round' is not one of hash, centroid");
}

TEST(TrainOptions, HoldTheirLimits) {
  EXPECT_EQ(refusal(TrainOptions{}, by_centroid()), "");
  EXPECT_EQ(refusal({.sample = kTrainSampleMax, .iterations = kTrainIterationsMax}, by_centroid()),
            "");
  EXPECT_EQ(refusal({.sample = 0}, by_centroid()), "sample is 0, must be 1 to 100000");
  EXPECT_EQ(refusal({.sample = kTrainSampleMax + 1}, by_centroid()),
            "sample is 100001, must be 1 to 100000");
  EXPECT_EQ(refusal({.iterations = 0}, by_centroid()), "iterations is 0, must be 1 to 1000");
  EXPECT_EQ(refusal({.iterations = kTrainIterationsMax + 1}, by_centroid()),
            "iterations is 1001, must be 1 to 1000");
}

TEST(TrainOptions, NeedAVectorForEachShard) {
  EXPECT_EQ(refusal({.sample = 4}, by_centroid()), "");
  EXPECT_EQ(refusal({.sample = 3}, by_centroid()),
            "sample is 3, collection 'docs' has 4 shards and needs a vector for each");
}

TEST(Centroids, NeedACollectionThatIsRoutedByThem) {
  const auto* expected = "collection 'docs' is routed by hash: centroids need routing 'centroid'";
  EXPECT_EQ(refusal(TrainOptions{}, by_hash()), expected);
  EXPECT_EQ(refusal_of(std::vector<Vector>{}, by_hash()), expected);
  EXPECT_EQ(validate(TrainOptions{}, by_hash()).error().code, ErrorCode::kInvalidArgument);
}

TEST(Centroids, AreOneForEachShard) {
  EXPECT_EQ(refusal_of(std::vector<Vector>(4, Vector{1, 2}), by_centroid()), "");
  EXPECT_EQ(refusal_of(std::vector<Vector>(3, Vector{1, 2}), by_centroid()),
            "centroids has 3 vectors, the collection has 4 shards");
  EXPECT_EQ(refusal_of(std::vector<Vector>{}, by_centroid(1)),
            "centroids has 0 vectors, the collection has 1 shards");
}

TEST(Centroids, AreVectorsOfTheCollection) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal_of({{1, 2}, {1, nan}}, by_centroid(2)),
            "centroids[1].vector[1] is not a finite 32-bit number");
  EXPECT_EQ(refusal_of({{0, 0}, {1, 2}}, by_centroid(2)),
            "centroids[0].vector is zero, which has no direction under the cosine metric");
  const auto refused = validate_centroids({{1, 2}, {1, 2, 3}}, by_centroid(2));
  EXPECT_EQ(refused.error().code, ErrorCode::kDimensionMismatch);
  EXPECT_EQ(refused.error().detail,
            "centroids[1].vector has 3 dimensions, collection 'docs' expects 2");
  auto l2 = by_centroid(1);
  l2.metric = Metric::kL2;
  EXPECT_EQ(refusal_of({{0, 0}}, l2), "");
}

}  // namespace
}  // namespace mosaic
