#include "index/graph/code_choice.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include "index/graph/rerank.hpp"
#include "index/measure.hpp"
#include "mosaic/search.hpp"

namespace mosaic::index {
namespace {

/// How many vectors say how codes are to be made, and how many numbers of them at most.
constexpr std::size_t kSampleVectors = 20'000;
constexpr std::size_t kSampleNumbers = 8 << 20;
constexpr std::size_t kQueries = 40;
constexpr std::size_t kNearest = 10;
/// A walk of the default ef keeps so many. Where their order among codes is rough its graph is,
/// too, and it goes astray: it would find everything that is in half of its beam.
constexpr std::size_t kInBeam = kEfDefault / 2;
/// So many vectors stay in the CPU's cache while all queries are compared with them.
constexpr std::size_t kAtATime = 64;

using Sources = std::span<const SourceVector>;

/// Some of `sources`, evenly, always the same.
std::vector<const float*> sample_of(Sources sources, std::uint32_t dimension) {
  const auto size = std::min({sources.size(), kSampleVectors, kSampleNumbers / dimension});
  std::vector<const float*> sample(size);
  for (std::size_t i = 0; i < size; ++i) sample[i] = sources[i * sources.size() / size].vector;
  return sample;
}

CodeFormat learn(Metric metric, Quantization quantization, std::uint32_t dimension,
                 Sources sources) {
  std::vector<float> numbers;
  for (const float* vector : sample_of(sources, dimension))
    numbers.insert(numbers.end(), vector, vector + dimension);
  return Quantizer::learn(metric, quantization, dimension, numbers);
}

/// Puts `added` into its place in `nearest`, which rises, and keeps `size` of them at most.
template <class T, class Less>
void keep_nearest(std::vector<T>& nearest, std::size_t size, const T& added, Less&& less) {
  if (nearest.size() == size && !less(added, nearest.back())) return;
  if (nearest.size() == size) nearest.pop_back();
  nearest.insert(std::upper_bound(nearest.begin(), nearest.end(), added, less), added);
}

bool is_nearer(const Reached& a, const Reached& b) {
  return a.distance < b.distance;
}

}  // namespace

double code_recall_least(Quantization quantization) {
  return quantization == Quantization::kBinary ? kSignsRecallLeast : kCodeRecallLeast;
}

/// One query among codes.
struct CodeCheck::Search {
  AlignedBytes query;
  std::vector<Reached> found;
};

CodeCheck::CodeCheck(Metric metric, std::uint32_t dimension, Sources sources, std::size_t begin,
                     const std::atomic<bool>& stop)
    : metric_(metric),
      dimension_(dimension),
      sources_(sources),
      stop_(stop),
      wanted_(std::min(kNearest, sources.size() - 1)) {
  std::mt19937_64 random;  // NOLINT: always the same ones
  for (std::size_t i = 0; i < kQueries && begin < sources.size(); ++i) {
    const auto source = begin + random() % (sources.size() - begin);
    queries_.push_back({sources[source].vector, source, 0});
  }
  if (wanted_ > 0) find_nearest();
}

void CodeCheck::find_nearest() {
  std::vector<Measure> measures;
  for (const auto& query : queries_) {
    measures.emplace_back(metric_, std::span<const float>(query.vector, dimension_));
  }
  std::vector<std::vector<double>> keys(queries_.size());
  for (std::size_t i = 0; i < sources_.size() && !stop_; ++i) {
    const float* vector = sources_[i].vector;
    const double scale = Measure::scale_of(metric_, {vector, dimension_});
    for (std::size_t j = 0; j < queries_.size(); ++j) {
      if (queries_[j].source == i) continue;
      keep_nearest(keys[j], wanted_, measures[j].key(vector, scale), std::less<double>());
    }
  }
  for (std::size_t j = 0; j < queries_.size() && !stop_; ++j) queries_[j].last = keys[j].back();
}

double CodeCheck::recall(const CodeFormat& format) const {
  if (wanted_ == 0 || queries_.empty()) return 1;
  const Quantizer quantizer(format);
  const auto distance = code_kernels().query[static_cast<std::size_t>(quantizer.kind())];
  const auto kept = quantizer.kind() == CodeKind::kSigns ? kEfDefault : kInBeam;
  const auto code_bytes = quantizer.code_bytes();
  const auto codes = aligned_bytes(kAtATime * code_bytes);
  std::vector<Search> searches;
  for (const auto& query : queries_)
    searches.push_back({quantizer.encode_query({query.vector, dimension_}), {}});
  for (std::size_t begin = 0; begin < sources_.size() && !stop_; begin += kAtATime) {
    const auto count = std::min(kAtATime, sources_.size() - begin);
    for (std::size_t i = 0; i < count; ++i)
      quantizer.encode(sources_[begin + i].vector, codes.get() + i * code_bytes);
    for (std::size_t j = 0; j < searches.size(); ++j) {
      for (std::size_t i = 0; i < count; ++i) {
        if (queries_[j].source == begin + i) continue;
        const float far =
            distance(searches[j].query.get(), codes.get() + i * code_bytes, quantizer.blocks());
        keep_nearest(searches[j].found, kept, {far, static_cast<Node>(begin + i)}, is_nearer);
      }
    }
  }
  std::size_t found = 0;
  for (std::size_t j = 0; j < searches.size() && !stop_; ++j) {
    auto& search = searches[j];
    search.found.resize(to_rerank(quantizer, search.query.get(), search.found, wanted_));
    found += count_found(search, queries_[j]);
  }
  return static_cast<double>(found) / static_cast<double>(wanted_ * queries_.size());
}

std::size_t CodeCheck::count_found(const Search& search, const Query& query) const {
  const Measure measure(metric_, {query.vector, dimension_});
  std::size_t found = 0;
  for (const auto& reached : search.found) {
    const float* vector = sources_[reached.node].vector;
    const double scale = Measure::scale_of(metric_, {vector, dimension_});
    found += measure.key(vector, scale) <= query.last ? 1 : 0;
  }
  return std::min(found, wanted_);
}

CodeChoice choose_codes(Metric metric, Quantization wanted, std::uint32_t dimension,
                        Sources sources, const std::atomic<bool>& stop) {
  CodeChoice choice{learn(metric, wanted, dimension, sources)};
  if (wanted == Quantization::kNone) return choice;
  const CodeCheck check(metric, dimension, sources, 0, stop);
  for (;;) {
    const auto quantization = choice.format.quantization;
    if (quantization == Quantization::kNone || stop) return choice;
    const double recall = check.recall(choice.format);
    if (quantization == wanted) choice.recall = recall;
    if (recall >= code_recall_least(quantization)) return choice;
    const auto wider = static_cast<Quantization>(static_cast<int>(quantization) - 1);
    choice.format = learn(metric, wider, dimension, sources);
  }
}

double clipped_share(const CodeFormat& format, Sources sources) {
  const auto sample = sample_of(sources, format.dimension);
  if (sample.empty()) return 0;
  const Quantizer quantizer(format);
  const auto code = aligned_bytes(quantizer.code_bytes());
  std::size_t clipped = 0;
  for (const float* vector : sample) clipped += quantizer.encode(vector, code.get());
  return static_cast<double>(clipped) / static_cast<double>(sample.size() * format.dimension);
}

}  // namespace mosaic::index
