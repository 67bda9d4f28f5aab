// Which codes a graph gets: those that were asked for unless they lose what is nearest.
#include <gtest/gtest.h>

#include "index/codes/quantizer.hpp"
#include "index/graph/code_choice.hpp"
#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

using namespace test;

const std::atomic<bool> kGoOn = false;

struct Sample {
  Sample(Random& random, std::size_t count, std::uint32_t the_dimension)
      : dimension(the_dimension) {
    for (std::size_t i = 0; i < count; ++i) vectors.push_back(random_vector(random, dimension));
  }

  std::vector<SourceVector> sources() const {
    std::vector<SourceVector> sources;
    for (std::size_t i = 0; i < vectors.size(); ++i)
      sources.push_back({static_cast<Row>(i), {}, vectors[i].data(), true});
    return sources;
  }

  CodeFormat format(Metric metric, Quantization quantization) const {
    Vector all;
    for (const auto& vector : vectors) all.insert(all.end(), vector.begin(), vector.end());
    return Quantizer::learn(metric, quantization, dimension, all);
  }

  Quantization chosen(Metric metric, Quantization wanted) const {
    return choose_codes(metric, wanted, dimension, sources(), kGoOn).format.quantization;
  }

  double recall(const CodeFormat& format) const {
    const auto all = sources();
    return CodeCheck(format.metric, dimension, all, 0, kGoOn).recall(format);
  }

  std::uint32_t dimension;
  std::vector<Vector> vectors;
};

struct CodeChoiceTest : ::testing::Test {
  const std::uint64_t start = seed();
  Random random{start};
  testing::ScopedTrace trace{__FILE__, __LINE__,
                             testing::Message() << "MOSAIC_TEST_SEED=" << start};
};

TEST_F(CodeChoiceTest, IsWhatWasAskedForOnOrdinaryVectors) {
  const Sample sample(random, 3'000, 64);
  for (const auto metric : kMetrics) {
    for (const auto wanted : {Quantization::kNone, Quantization::kFloat16, Quantization::kInt8})
      EXPECT_EQ(sample.chosen(metric, wanted), wanted) << to_string(metric);
  }
}

TEST_F(CodeChoiceTest, IsOfSignsWhereThereAreEnoughOfThem) {
  Sample sample(random, 3'000, 512);
  for (std::size_t i = 0; i < 3'000; ++i) {
    for (std::size_t j = 0; j < 512; ++j)
      sample.vectors[i][j] = 0.4F * sample.vectors[i][j] + sample.vectors[i % 100][j];
  }
  EXPECT_EQ(sample.chosen(Metric::kCosine, Quantization::kBinary), Quantization::kBinary);
}

TEST_F(CodeChoiceTest, IsTheNextWiderOneThatFindsEnough) {
  Sample sample(random, 3'000, 8);
  EXPECT_EQ(sample.chosen(Metric::kCosine, Quantization::kBinary), Quantization::kInt8);
  const auto part = [&](float half) {
    for (std::size_t i = 0; i < sample.vectors.size(); ++i) {
      for (float& x : sample.vectors[i]) x += i % 2 == 0 ? half : -half;
    }
  };
  part(200);
  EXPECT_EQ(sample.chosen(Metric::kL2, Quantization::kInt8), Quantization::kFloat16);
  part(1e5F);
  EXPECT_EQ(sample.chosen(Metric::kL2, Quantization::kFloat16), Quantization::kNone);
  const auto choice =
      choose_codes(Metric::kL2, Quantization::kInt8, sample.dimension, sample.sources(), kGoOn);
  EXPECT_EQ(choice.format.quantization, Quantization::kNone);
  EXPECT_LT(choice.recall, kCodeRecallLeast) << "of int8";
}

TEST_F(CodeChoiceTest, IsNotDisturbedByEqualVectors) {
  Sample sample(random, 3'000, 24);
  for (std::size_t i = 0; i < 1'500; ++i) sample.vectors[i] = sample.vectors[0];
  for (const auto metric : {Metric::kCosine, Metric::kL2})
    EXPECT_EQ(sample.chosen(metric, Quantization::kInt8), Quantization::kInt8);
  for (auto& vector : sample.vectors) vector = sample.vectors[0];
  for (const auto metric : kMetrics)
    EXPECT_EQ(sample.chosen(metric, Quantization::kInt8), Quantization::kInt8);
}

TEST_F(CodeChoiceTest, TakesFewVectorsAndZeros) {
  for (const std::size_t count : {1, 2, 5}) {
    Sample sample(random, count, 4);
    std::fill(sample.vectors[0].begin(), sample.vectors[0].end(), 0.0F);
    for (const auto metric : kMetrics)
      EXPECT_EQ(sample.chosen(metric, Quantization::kInt8), Quantization::kInt8);
  }
}

TEST_F(CodeChoiceTest, MeasuresWhatCodesFind) {
  const Sample sample(random, 3'000, 16);
  for (const auto metric : kMetrics) {
    auto format = sample.format(metric, Quantization::kInt8);
    EXPECT_GE(sample.recall(format), 0.99) << to_string(metric);
    format.step *= 100;
    EXPECT_LT(sample.recall(format), 0.9) << to_string(metric);
    format.step *= 1'000;
    EXPECT_LT(sample.recall(format), 0.1) << "all codes are equal";
  }
}

TEST_F(CodeChoiceTest, IsTheSameEachTime) {
  const Sample sample(random, 1'000, 8);
  const auto format = sample.format(Metric::kCosine, Quantization::kBinary);
  EXPECT_EQ(sample.recall(format), sample.recall(format));
}

TEST_F(CodeChoiceTest, EndsWhenToldTo) {
  const Sample sample(random, 1'000, 8);
  const std::atomic<bool> stop = true;
  EXPECT_EQ(
      choose_codes(Metric::kL2, Quantization::kInt8, 8, sample.sources(), stop).format.quantization,
      Quantization::kInt8);
}

}  // namespace
}  // namespace mosaic::index
