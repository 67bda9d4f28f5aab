#include "index/kernels.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

using namespace test;

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all;
  for (std::size_t size = 0; size <= 70; ++size) all.push_back(size);
  for (const std::size_t size : {127, 255, 256, 257, 784, 1535, 4096, 65'535, 65'536}) {
    all.push_back(size);
  }
  return all;
}

/// Float32 sums err with the sum of the terms' sizes, not with the result, which may be near 0.
double tolerance(double sum_of_sizes) {
  return 1e-6 * sum_of_sizes + 1e-30;
}

double dot_sizes(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::fabs(double{a[i]} * double{b[i]});
  return sum;
}

void expect_right(const Kernels& set, std::span<const float> a, std::span<const float> b) {
  const auto size = a.size();
  SCOPED_TRACE(testing::Message() << set.name << " size " << size);
  EXPECT_NEAR(set.dot(a.data(), b.data(), size), dot_of(a, b), tolerance(dot_sizes(a, b)));
  const auto squared = l2_squared_of(a, b);
  EXPECT_NEAR(set.l2_squared(a.data(), b.data(), size), squared, tolerance(squared));
  const auto absolute = l1_of(a, b);
  EXPECT_NEAR(set.l1(a.data(), b.data(), size), absolute, tolerance(absolute));
}

TEST(Kernels, AgreeWithDoublePrecisionAtEverySize) {
  const auto start = seed();
  SCOPED_TRACE(testing::Message() << "MOSAIC_TEST_SEED=" << start);
  Random random(start);
  for (const auto size : sizes()) {
    const auto a = random_vector(random, size);
    const auto b = random_vector(random, size);
    for (const auto& set : supported_kernels()) expect_right(set, a, b);
  }
}

TEST(Kernels, TakeUnalignedInput) {
  Random random(7);
  const auto a = random_vector(random, 300);
  const auto b = random_vector(random, 300);
  for (const auto& set : supported_kernels()) {
    for (std::size_t shift = 0; shift < 17; ++shift) {
      expect_right(set, std::span(a).subspan(shift, 257), std::span(b).subspan(17 - shift, 257));
    }
  }
}

// The vectors end where their memory ends, and their neighbours would spoil any sum.
TEST(Kernels, ReadNothingBehindTheVectors) {
  const float poison = std::numeric_limits<float>::quiet_NaN();
  for (const auto& set : supported_kernels()) {
    for (std::size_t size = 0; size <= 70; ++size) {
      Vector a(size + 64, poison);
      Vector b(size + 64, poison);
      std::fill_n(a.begin(), size, 1.0F);
      std::fill_n(b.begin(), size, -1.0F);
      SCOPED_TRACE(testing::Message() << set.name << " size " << size);
      const auto count = static_cast<float>(size);
      EXPECT_EQ(set.dot(a.data(), b.data(), size), -count);
      EXPECT_EQ(set.l2_squared(a.data(), b.data(), size), 4 * count);
      EXPECT_EQ(set.l1(a.data(), b.data(), size), 2 * count);
    }
  }
}

TEST(Kernels, GiveTheSameBitsInEitherOrder) {
  Random random(11);
  for (const std::size_t size : {25, 256, 784}) {
    const auto a = random_vector(random, size);
    const auto b = random_vector(random, size);
    for (const auto& set : supported_kernels()) {
      EXPECT_EQ(set.dot(a.data(), b.data(), size), set.dot(b.data(), a.data(), size));
      EXPECT_EQ(set.l2_squared(a.data(), b.data(), size), set.l2_squared(b.data(), a.data(), size));
      EXPECT_EQ(set.l1(a.data(), b.data(), size), set.l1(b.data(), a.data(), size));
    }
  }
}

TEST(Kernels, StartWithScalarAndChooseTheLast) {
  EXPECT_EQ(supported_kernels().front().name, "scalar");
  EXPECT_EQ(kernels().name, supported_kernels().back().name);
  EXPECT_EQ(&kernels(), &kernels());
}

}  // namespace
}  // namespace mosaic::index
