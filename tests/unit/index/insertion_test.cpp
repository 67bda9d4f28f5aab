// The loops of a build against the same done plainly, with every instruction set that runs here.
#include "index/graph/insertion.hpp"

#include <gtest/gtest.h>

#include "index/codes/code_kernels_x86.hpp"
#include "index/codes/quantizer.hpp"
#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

using namespace test;

constexpr Node kElements = 40;
constexpr Quantization kQuantizations[] = {Quantization::kNone, Quantization::kFloat16,
                                           Quantization::kInt8, Quantization::kBinary};
/// Of int8 codes: one for each size that has loops of its own, and others.
constexpr std::uint32_t kDimensions[] = {3, 64, 100, 128, 200, 256, 384, 512, 768, 1'024, 1'100};

struct Set {
  CodeKernels kernels;
  InsertionLoops (*loops)(CodeKind kind, std::size_t blocks);
};

std::vector<Set> sets() {
  std::vector<Set> sets;
#if defined(__x86_64__)
  for (const auto& kernels : supported_code_kernels()) {
    if (kernels.name == "avx2") sets.push_back({kernels, insertion_loops_avx2});
    if (kernels.name == "avx512") sets.push_back({kernels, insertion_loops_avx512});
  }
#endif
  if (sets.empty()) sets.push_back({code_kernels(), insertion_loops});
  return sets;
}

/// Elements that all link to one another, in level 0 and, by the same lists, in those above.
class Crowd {
 public:
  Crowd(Random& random, Metric metric, Quantization quantization, std::uint32_t dimension,
        const Set& set)
      : Crowd(random_vector(random, (kElements + 1) * dimension), metric, quantization, dimension,
              set) {}

  float distance(const std::byte* code, Node element) const {
    return pair_(code, code_of(element), quantizer_.blocks());
  }
  const std::byte* code_of(Node element) const {
    return codes_.get() + element * quantizer_.code_bytes();
  }
  /// Of one that is not among them.
  const std::byte* newcomer() const { return code_of(kElements); }
  const GrowingGraph& graph() const { return graph_; }
  const InsertionLoops& loops() const { return loops_; }

  std::vector<Reached> sorted() const {
    std::vector<Reached> all;
    for (Node i = 0; i < kElements; ++i) all.push_back({distance(newcomer(), i), i});
    std::ranges::stable_sort(all, {}, &Reached::distance);
    return all;
  }

 private:
  Crowd(const Vector& numbers, Metric metric, Quantization quantization, std::uint32_t dimension,
        const Set& set)
      : quantizer_(Quantizer::learn(metric, quantization, dimension, numbers)),
        codes_(aligned_bytes((kElements + 1) * quantizer_.code_bytes())),
        pair_(set.kernels.pair[static_cast<std::size_t>(quantizer_.kind())]),
        loops_(set.loops(quantizer_.kind(), quantizer_.blocks())) {
    for (Node i = 0; i <= kElements; ++i)
      quantizer_.encode(&numbers[i * dimension], codes_.get() + i * quantizer_.code_bytes());
    for (Node i = 0; i < kElements; ++i) {
      lists_.push_back(kElements - 1);
      for (Node j = 0; j < kElements; ++j) {
        if (j != i) lists_.push_back(j);
      }
    }
    graph_.elements.links = reinterpret_cast<const std::byte*>(lists_.data());
    graph_.elements.link_stride = kElements * sizeof(Node);
    graph_.elements.codes = codes_.get();
    graph_.elements.code_bytes = quantizer_.code_bytes();
    graph_.elements.nodes = kElements;
    for (Node i = 0; i < kElements; ++i)
      upper_.push_back(reinterpret_cast<char*>(&lists_[i * kElements]));
    graph_.upper = upper_.data();
  }

  const Quantizer quantizer_;
  AlignedBytes codes_;
  CodeDistance pair_;
  InsertionLoops loops_;
  std::vector<Node> lists_;
  std::vector<char*> upper_;
  GrowingGraph graph_;
};

template <class Check>
void for_all(Check&& check) {
  const auto start = seed();
  SCOPED_TRACE(testing::Message() << "MOSAIC_TEST_SEED=" << start);
  Random random(start);
  for (const auto& set : sets()) {
    for (const auto metric : kMetrics) {
      for (const auto quantization : kQuantizations) {
        if (!has_codes(metric, quantization)) continue;
        for (const auto dimension : kDimensions) {
          SCOPED_TRACE(testing::Message() << set.kernels.name << " " << to_string(metric) << " "
                                          << to_string(quantization) << " " << dimension);
          check(Crowd(random, metric, quantization, dimension, set));
        }
      }
    }
  }
}

void expect_same(std::span<const Reached> found, std::span<const Reached> expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].distance, expected[i].distance) << i;
  }
}

TEST(Insertion, SortsByTheDistanceOfCodes) {
  for_all([](const Crowd& crowd) {
    std::vector<Node> elements(kElements);
    for (const Node size : {Node{1}, Node{3}, Node{4}, Node{33}, kElements}) {
      for (Node i = 0; i < size; ++i) elements[i] = i;
      auto expected = crowd.sorted();
      std::erase_if(expected, [&](const Reached& one) { return one.node >= size; });
      std::vector<Reached> sorted(size);
      crowd.loops().sort(crowd.graph(), crowd.newcomer(), std::span(elements).first(size),
                         sorted.data());
      expect_same(sorted, expected);
    }
  });
}

TEST(Insertion, ReachesTheNearestWhereAllAreLinked) {
  for_all([](const Crowd& crowd) {
    const auto expected = crowd.sorted();
    WalkScratch scratch{std::vector<std::uint64_t>(1), std::vector<Reached>(kElements + 1), {}};
    for (const std::size_t level : {0, 2}) {
      EXPECT_EQ(crowd.distance(crowd.newcomer(),
                               crowd.loops().descend(crowd.graph(), level, crowd.newcomer(), 7)),
                expected[0].distance);
      for (const std::size_t ef : {std::size_t{1}, std::size_t{10}, std::size_t{kElements}}) {
        const auto found =
            crowd.loops().reach(crowd.graph(), level, crowd.newcomer(), 7, ef, scratch);
        expect_same(std::span(scratch.found).first(found), std::span(expected).first(ef));
      }
    }
  });
}

/// Algorithm 4 of the paper, without its extensions.
std::vector<Node> chosen_plainly(const Crowd& crowd, std::span<const Reached> sorted,
                                 std::size_t most) {
  std::vector<Node> chosen;
  for (const auto& [distance, element] : sorted) {
    if (chosen.size() == most) break;
    const auto crowds = [&, far = distance, code = crowd.code_of(element)](Node other) {
      return crowd.distance(code, other) < far;
    };
    if (sorted.size() < most || std::ranges::none_of(chosen, crowds)) chosen.push_back(element);
  }
  return chosen;
}

TEST(Insertion, ChoosesWhatIsNearerThanToThoseChosenBefore) {
  for_all([](const Crowd& crowd) {
    const auto sorted = crowd.sorted();
    for (const std::size_t size : {std::size_t{1}, std::size_t{17}, sorted.size()}) {
      for (const std::size_t most : {1, 2, 7, 16, 32}) {
        std::vector<Node> chosen(most + kChosenMore);
        const auto candidates = std::span(sorted).first(size);
        chosen.resize(crowd.loops().choose(crowd.graph(), candidates, most, chosen.data()));
        EXPECT_EQ(chosen, chosen_plainly(crowd, candidates, most)) << size << " " << most;
      }
    }
  });
}

}  // namespace
}  // namespace mosaic::index
