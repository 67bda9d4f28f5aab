// Codes and their kernels: against plain arithmetic, and every instruction set against the scalar
// one.
#include <gtest/gtest.h>

#include "index/codes/float16.hpp"
#include "index/codes/quantizer.hpp"
#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

using namespace test;

constexpr Quantization kQuantizations[] = {Quantization::kNone, Quantization::kFloat16,
                                           Quantization::kInt8, Quantization::kBinary};
/// Odd ones, whole blocks, and one more or less.
constexpr std::uint32_t kDimensions[] = {1,   2,   3,   7,   15,    16,    17,   31,
                                         33,  63,  64,  65,  96,    100,   127,  128,
                                         129, 255, 384, 513, 1'023, 4'095, 4'096};

std::vector<float> random_floats(Random& random, std::size_t count) {
  return random_vector(random, count);
}

struct Coded {
  Coded(Random& random, Metric metric, Quantization quantization, std::uint32_t dimension)
      : a(random_vector(random, dimension)),
        b(random_vector(random, dimension)),
        quantizer(Quantizer::learn(metric, quantization, dimension, both())),
        code_a(aligned_bytes(quantizer.code_bytes())),
        code_b(aligned_bytes(quantizer.code_bytes())),
        query(quantizer.encode_query(a)) {
    quantizer.encode(a.data(), code_a.get());
    quantizer.encode(b.data(), code_b.get());
  }

  float from_query(const CodeKernels& set) const {
    return set.query[at()](query.get(), code_b.get(), quantizer.blocks());
  }
  float of_pair(const CodeKernels& set) const {
    return set.pair[at()](code_a.get(), code_b.get(), quantizer.blocks());
  }
  std::size_t at() const { return static_cast<std::size_t>(quantizer.kind()); }

  /// And their opposites, so that the center is 0.
  Vector both() const {
    Vector joined;
    for (const float sign : {1.0F, -1.0F}) {
      for (const float x : a) joined.push_back(sign * x);
      for (const float x : b) joined.push_back(sign * x);
    }
    return joined;
  }

  Vector a;
  Vector b;
  Quantizer quantizer;
  AlignedBytes code_a;
  AlignedBytes code_b;
  AlignedBytes query;
};

template <class Check>
void for_all_codes(Check&& check) {
  const auto start = seed();
  SCOPED_TRACE(testing::Message() << "MOSAIC_TEST_SEED=" << start);
  Random random(start);
  for (const auto metric : kMetrics) {
    for (const auto quantization : kQuantizations) {
      if (!has_codes(metric, quantization)) continue;
      for (const auto dimension : kDimensions) {
        SCOPED_TRACE(testing::Message() << to_string(metric) << " " << to_string(quantization)
                                        << " dimension " << dimension);
        check(Coded(random, metric, quantization, dimension));
      }
    }
  }
}

TEST(CodeKernels, AllSetsAgreeWithTheScalarOne) {
  const auto sets = supported_code_kernels();
  ASSERT_EQ(sets.front().name, "scalar");
  for_all_codes([&](const Coded& coded) {
    const auto tolerance = 1e-5F * static_cast<float>(coded.a.size()) + 1e-5F;
    for (const auto& set : sets) {
      SCOPED_TRACE(set.name);
      EXPECT_NEAR(coded.from_query(set), coded.from_query(sets.front()), tolerance);
      EXPECT_NEAR(coded.of_pair(set), coded.of_pair(sets.front()), tolerance);
    }
  });
}

TEST(CodeKernels, TakeTheLargestNumbersOfTheLargestDimension) {
  CodeFormat format{Metric::kDot, Quantization::kInt8, kDimensionMax, 1, {}};
  const Quantizer quantizer(format);
  const Vector ones(kDimensionMax, 127);
  const auto code = aligned_bytes(quantizer.code_bytes());
  quantizer.encode(ones.data(), code.get());
  const auto query = quantizer.encode_query(ones);
  const auto at = static_cast<std::size_t>(quantizer.kind());
  for (const auto& set : supported_code_kernels()) {
    EXPECT_EQ(set.query[at](query.get(), code.get(), quantizer.blocks()),
              -static_cast<float>(kDimensionMax * 127LL * 255))
        << set.name;
    EXPECT_EQ(set.pair[at](code.get(), code.get(), quantizer.blocks()),
              -static_cast<float>(kDimensionMax * 127LL * 127))
        << set.name;
  }
}

/// What a pair kernel should give, by the float32 vectors.
double plain(const Coded& coded) {
  const auto& format = coded.quantizer.format();
  if (format.quantization == Quantization::kBinary) {
    double differing = 0;
    for (std::size_t i = 0; i < coded.a.size(); ++i)
      differing += (coded.a[i] >= 0) != (coded.b[i] >= 0) ? 1 : 0;
    return differing;
  }
  const double step = format.step;
  switch (format.metric) {
    case Metric::kCosine:
      return -dot_of(coded.a, coded.b) /
             std::sqrt(dot_of(coded.a, coded.a) * dot_of(coded.b, coded.b)) / (step * step);
    case Metric::kDot:
      return -dot_of(coded.a, coded.b) / (step * step);
    case Metric::kL2:
      return l2_squared_of(coded.a, coded.b) / (step * step);
    case Metric::kL1:
      return l1_of(coded.a, coded.b) / step;
  }
  return 0;
}

TEST(Quantizer, CodesKeepTheDistance) {
  for_all_codes([&](const Coded& coded) {
    const auto& format = coded.quantizer.format();
    // Rounding adds about a third of a step per number, times what it is multiplied by.
    const double numbers = format.dimension;
    const double expected = plain(coded);
    double tolerance = 1e-3 * (1 + numbers + std::fabs(expected));
    if (format.quantization == Quantization::kInt8) {
      const double most = format.metric == Metric::kL1 ? 255 : 127;
      tolerance =
          most * (2 + std::sqrt(numbers) + 0.05 * numbers) * (format.metric == Metric::kL1 ? 1 : 4);
    }
    EXPECT_NEAR(coded.of_pair(code_kernels()), expected, tolerance);
  });
}

TEST(Quantizer, QueriesOrderCodesAsDistancesDo) {
  const auto start = seed();
  SCOPED_TRACE(testing::Message() << "MOSAIC_TEST_SEED=" << start);
  Random random(start);
  constexpr std::uint32_t kDimension = 200;
  constexpr std::size_t kVectors = 400;
  for (const auto metric : kMetrics) {
    for (const auto quantization : kQuantizations) {
      if (!has_codes(metric, quantization)) continue;
      SCOPED_TRACE(testing::Message() << to_string(metric) << " " << to_string(quantization));
      const auto vectors = random_floats(random, kVectors * kDimension);
      const Quantizer quantizer(Quantizer::learn(metric, quantization, kDimension, vectors));
      const auto query = random_vector(random, kDimension);
      const auto encoded = quantizer.encode_query(query);
      const auto code = aligned_bytes(quantizer.code_bytes());
      std::vector<std::pair<float, double>> distances;
      for (std::size_t i = 0; i < kVectors; ++i) {
        const std::span<const float> vector(&vectors[i * kDimension], kDimension);
        quantizer.encode(vector.data(), code.get());
        distances.emplace_back(code_kernels().query[static_cast<std::size_t>(quantizer.kind())](
                                   encoded.get(), code.get(), quantizer.blocks()),
                               distance_of(metric, query, vector));
      }
      std::sort(distances.begin(), distances.end());
      std::size_t right = 0;
      std::size_t pairs = 0;
      for (std::size_t i = 0; i < kVectors; ++i) {
        for (std::size_t j = i + 1; j < kVectors; ++j, ++pairs)
          right += distances[i].second <= distances[j].second ? 1 : 0;
      }
      const double least = quantization == Quantization::kBinary ? 0.7 : 0.97;
      EXPECT_GE(static_cast<double>(right) / static_cast<double>(pairs), least);
    }
  }
}

/// By rising distance from the first of `vectors`.
std::vector<std::size_t> order_by_code(Metric metric, Quantization quantization,
                                       std::uint32_t dimension, std::span<const float> vectors) {
  const Quantizer quantizer(Quantizer::learn(metric, quantization, dimension, vectors));
  const auto query = quantizer.encode_query(vectors.first(dimension));
  const auto distance = code_kernels().query[static_cast<std::size_t>(quantizer.kind())];
  const auto code = aligned_bytes(quantizer.code_bytes());
  std::vector<std::pair<float, std::size_t>> distances;
  for (std::size_t i = 0; i < vectors.size() / dimension; ++i) {
    quantizer.encode(&vectors[i * dimension], code.get());
    distances.emplace_back(distance(query.get(), code.get(), quantizer.blocks()), i);
  }
  std::sort(distances.begin(), distances.end());
  std::vector<std::size_t> order;
  for (const auto& [far, i] : distances) order.push_back(i);
  return order;
}

TEST(Quantizer, OrdersVectorsTheSameWhereverTheyAreAndHoweverLarge) {
  const auto start = seed();
  SCOPED_TRACE(testing::Message() << "MOSAIC_TEST_SEED=" << start);
  Random random(start);
  constexpr std::uint32_t kDimension = 24;
  // Small whole numbers: shifted and scaled by powers of two they stay exact.
  Vector vectors(300 * kDimension);
  for (float& x : vectors) x = static_cast<float>(random() % 64);
  Vector shifted(vectors);
  for (std::size_t i = 0; i < shifted.size(); ++i)
    shifted[i] += static_cast<float>(4'096 * (i % kDimension));
  for (const auto metric : kMetrics) {
    for (const auto quantization :
         {Quantization::kNone, Quantization::kFloat16, Quantization::kInt8}) {
      SCOPED_TRACE(testing::Message() << to_string(metric) << " " << to_string(quantization));
      const auto order = order_by_code(metric, quantization, kDimension, vectors);
      for (const float factor : {0x1p-100F, 0x1p90F}) {
        Vector scaled(vectors);
        for (float& x : scaled) x *= factor;
        EXPECT_EQ(order_by_code(metric, quantization, kDimension, scaled), order) << factor;
      }
      if (!has_center(metric, quantization)) continue;
      EXPECT_EQ(order_by_code(metric, quantization, kDimension, shifted), order);
    }
  }
}

/// Cosines that differ in the third digit alone.
TEST(Quantizer, OrdersVectorsInANarrowCone) {
  const auto start = seed();
  SCOPED_TRACE(testing::Message() << "MOSAIC_TEST_SEED=" << start);
  Random random(start);
  constexpr std::uint32_t kDimension = 48;
  Vector vectors = random_floats(random, 400 * kDimension);
  for (std::size_t i = 0; i < vectors.size(); ++i) vectors[i] += i % 3 == 0 ? 50 : -20;
  for (const auto quantization :
       {Quantization::kNone, Quantization::kFloat16, Quantization::kInt8}) {
    SCOPED_TRACE(to_string(quantization));
    const auto format = Quantizer::learn(Metric::kCosine, quantization, kDimension, vectors);
    EXPECT_EQ(format.center.size(), kDimension);
    const auto order = order_by_code(Metric::kCosine, quantization, kDimension, vectors);
    const std::span<const float> query(vectors.data(), kDimension);
    std::size_t right = 0;
    for (std::size_t i = 0; i < 399; ++i) {
      const auto at = [&](std::size_t place) {
        return distance_of(Metric::kCosine, query,
                           std::span<const float>(&vectors[order[place] * kDimension], kDimension));
      };
      right += at(i) <= at(i + 1) + 1e-5 ? 1 : 0;
    }
    EXPECT_GE(right, 370U);
  }
}

TEST(Quantizer, HasFiniteDistancesBetweenTheLargestNumbers) {
  constexpr std::uint32_t kDimension = 8;
  Vector vectors(4 * kDimension, 1);
  std::fill_n(vectors.begin(), kDimension, 3e38F);
  std::fill_n(vectors.begin() + kDimension, kDimension, -3e38F);
  for (const auto metric : kMetrics) {
    for (const auto quantization : kQuantizations) {
      if (!has_codes(metric, quantization)) continue;
      SCOPED_TRACE(testing::Message() << to_string(metric) << " " << to_string(quantization));
      // As if a sample had not shown them.
      const Vector sample(vectors.begin() + 2 * kDimension, vectors.end());
      for (const auto& learned_from : {sample, vectors}) {
        const Quantizer quantizer(Quantizer::learn(metric, quantization, kDimension, learned_from));
        const auto a = aligned_bytes(quantizer.code_bytes());
        const auto b = aligned_bytes(quantizer.code_bytes());
        quantizer.encode(vectors.data(), a.get());
        quantizer.encode(vectors.data() + kDimension, b.get());
        const auto query = quantizer.encode_query({vectors.data(), kDimension});
        const auto kind = static_cast<std::size_t>(quantizer.kind());
        for (const auto& set : supported_code_kernels()) {
          EXPECT_TRUE(std::isfinite(set.pair[kind](a.get(), b.get(), quantizer.blocks())));
          EXPECT_TRUE(std::isfinite(set.query[kind](query.get(), b.get(), quantizer.blocks())));
        }
      }
    }
  }
}

TEST(Quantizer, CountsWhatItHadToClip) {
  const Vector sample{-1, 1, -1, 1};
  const Quantizer quantizer(Quantizer::learn(Metric::kDot, Quantization::kInt8, 4, sample));
  const auto code = aligned_bytes(quantizer.code_bytes());
  EXPECT_EQ(quantizer.encode(sample.data(), code.get()), 0U);
  const Vector far{-2, 2, 0, 0.5};
  EXPECT_EQ(quantizer.encode(far.data(), code.get()), 2U);
}

TEST(Quantizer, LearnsFromVectorsThatAreAllTheSame) {
  for (const auto metric : kMetrics) {
    const Vector sample(12, 3);
    const Quantizer quantizer(Quantizer::learn(metric, Quantization::kInt8, 4, sample));
    EXPECT_GT(quantizer.format().step, 0);
    const auto code = aligned_bytes(quantizer.code_bytes());
    EXPECT_EQ(quantizer.encode(sample.data(), code.get()), 0U);
  }
}

TEST(Quantizer, HasAStepForTheSmallestNumbers) {
  const Vector sample{1e-44F, -1e-44F, 0, 3e-45F};
  for (const auto metric : kMetrics)
    EXPECT_GT(Quantizer::learn(metric, Quantization::kInt8, 4, sample).step, 0);
}

TEST(Quantizer, TakesZeroVectorsAndHugeNumbers) {
  const Vector sample{0, 0, 0, 0, 3e38F, -3e38F, 1, 2};
  for (const auto metric : kMetrics) {
    for (const auto quantization : kQuantizations) {
      if (!has_codes(metric, quantization)) continue;
      const Quantizer quantizer(Quantizer::learn(metric, quantization, 4, sample));
      const auto code = aligned_bytes(quantizer.code_bytes());
      quantizer.encode(sample.data(), code.get());
      quantizer.encode(sample.data() + 4, code.get());
      quantizer.encode_query({sample.data(), 4});
      quantizer.encode_query({sample.data() + 4, 4});
    }
  }
}

TEST(Float16, KeepsEveryHalf) {
  for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    EXPECT_EQ(to_float16(from_float16(half)), half);
    EXPECT_EQ(to_float16(-from_float16(half)), half | 0x8000);
  }
}

TEST(Float16, RoundsToTheNearestTiesToEven) {
  EXPECT_EQ(from_float16(to_float16(1 + 1.0F / 2'048)), 1);
  EXPECT_EQ(from_float16(to_float16(1 + 3.0F / 2'048)), 1 + 2.0F / 1'024);
  EXPECT_EQ(from_float16(to_float16(1e-9F)), 0);
  EXPECT_EQ(from_float16(to_float16(kFloat16Max)), kFloat16Max);
}

}  // namespace
}  // namespace mosaic::index
