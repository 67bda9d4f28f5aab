#include "text/hash_embedder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/checksum.hpp"
#include "text/stem.hpp"
#include "text/stop_words.hpp"
#include "text/word_weight.hpp"
#include "text/words.hpp"

namespace mosaic::text {
namespace {

// Tuned by known-item search over Debian's packages and Python's PEPs, with CACM's judged queries
// watched along: its figures are optimistic.
constexpr double kWordWeight = 1;
constexpr double kGramWeight = 1.5;    // of all parts of a word together
constexpr double kPairWeight = 0.15;   // of two words that follow each other
constexpr double kTitleCount = 4;      // a word of the title counts like so many of the text
constexpr double kHalfLifeWords = 15;  // a word so far into the text counts half
constexpr std::size_t kGramBytesMin = 3;
constexpr std::size_t kGramBytesMax = 5;

// Seeds keep a word apart from the equal part of a longer word.
constexpr std::uint64_t kWordSeed = 1;
constexpr std::uint64_t kGramSeed = 2;
constexpr std::uint64_t kPairSeed = 3;

/// One occurrence of a feature, or all of them once merged.
struct Feature {
  std::uint64_t hash = 0;
  std::string_view stem;  // empty for a pair
  double count = 0;
};

/// The features of a document, each as often as it occurs.
struct Features {
  std::vector<Feature> words;
  std::vector<Feature> pairs;
};

std::uint64_t pair_hash(std::uint64_t first, std::uint64_t second) {
  std::array<char, 2 * sizeof first> bytes;
  std::memcpy(bytes.data(), &first, sizeof first);
  std::memcpy(bytes.data() + sizeof first, &second, sizeof second);
  return checksum({bytes.data(), bytes.size()}, kPairSeed);
}

/// How much the word at `position` counts; `lead` is where half the weight is lost, 0 for nowhere.
double count_at(std::size_t position, double lead) {
  return lead == 0 ? 1 : lead / (lead + static_cast<double>(position));
}

void collect(std::vector<std::string_view> words, double count, double lead, Features& out) {
  if (!std::all_of(words.begin(), words.end(), is_stop_word)) std::erase_if(words, is_stop_word);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto root = stem(words[i]);
    const auto hash = checksum(root, kWordSeed);
    const auto counted = count * count_at(i, lead);
    if (i > 0) out.pairs.push_back({pair_hash(out.words.back().hash, hash), {}, counted});
    out.words.push_back({hash, root, counted});
  }
}

/// Equal features become one with the sum of their counts; the order no longer depends on the text.
void merge_equal(std::vector<Feature>& features) {
  std::sort(features.begin(), features.end(),
            [](const Feature& a, const Feature& b) { return a.hash < b.hash; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (kept > 0 && features[kept - 1].hash == features[i].hash) {
      features[kept - 1].count += features[i].count;
    } else {
      features[kept++] = features[i];
    }
  }
  features.resize(kept);
}

/// Sub-linear: 1 for one occurrence, and ever less for each further one.
double frequency_weight(double count) {
  return std::log2(1 + count);
}

class Accumulator {
 public:
  explicit Accumulator(std::uint32_t dimension) : sums_(dimension) {}

  /// Two places with signs of their own, so that one collision spoils half of a feature only.
  void add(std::uint64_t hash, double weight) {
    sums_[place(hash >> 32)] += (hash & 1) != 0 ? weight : -weight;
    sums_[place(hash & 0xFFFFFFFF)] += (hash & 2) != 0 ? weight : -weight;
  }

  void add_parts(std::string_view stem, double weight) {
    std::array<char, kWordBytesMax + 2> bytes;  // the word between marks for its ends
    bytes[0] = '<';
    std::memcpy(bytes.data() + 1, stem.data(), stem.size());
    bytes[stem.size() + 1] = '>';
    const std::string_view marked(bytes.data(), stem.size() + 2);
    const auto each = weight / std::sqrt(static_cast<double>(parts_of(marked.size())));
    for (auto size = kGramBytesMin; size <= std::min(kGramBytesMax, marked.size()); ++size) {
      for (std::size_t i = 0; i + size <= marked.size(); ++i) {
        add(checksum(marked.substr(i, size), kGramSeed), each);
      }
    }
  }

  /// `fallback` is the feature that stands in where all others cancel out.
  Vector normalised(std::uint64_t fallback) {
    double squares = 0;
    for (const auto sum : sums_) squares += sum * sum;
    if (squares == 0) {
      sums_[place(fallback >> 32)] = squares = 1;
    }
    Vector vector;
    vector.reserve(sums_.size());
    for (const auto sum : sums_) vector.push_back(static_cast<float>(sum / std::sqrt(squares)));
    return vector;
  }

 private:
  std::size_t place(std::uint64_t bits_32) const { return bits_32 * sums_.size() >> 32; }

  static std::size_t parts_of(std::size_t bytes) {
    std::size_t parts = 0;
    for (auto size = kGramBytesMin; size <= std::min(kGramBytesMax, bytes); ++size) {
      parts += bytes - size + 1;
    }
    return parts;
  }

  std::vector<double> sums_;
};

Vector to_vector(Features features, std::uint32_t dimension) {
  merge_equal(features.words);
  merge_equal(features.pairs);
  if (features.words.empty() || dimension == 0) return {};
  Accumulator sums(dimension);
  for (const auto& word : features.words) {
    const auto weight = frequency_weight(word.count) * word_weight(word.stem);
    sums.add(word.hash, kWordWeight * weight);
    sums.add_parts(word.stem, kGramWeight * weight);
  }
  for (const auto& pair : features.pairs) {
    sums.add(pair.hash, kPairWeight * frequency_weight(pair.count));
  }
  return sums.normalised(features.words.front().hash);
}

}  // namespace

Vector embed(std::string_view title, std::string_view text, std::uint32_t dimension) {
  const auto lower_title = ascii_lower(title);
  const auto lower_text = ascii_lower(text);
  Features features;
  collect(words_of(lower_title, kEmbeddedWordsMax), kTitleCount, 0, features);
  collect(words_of(lower_text, kEmbeddedWordsMax), 1, kHalfLifeWords, features);
  return to_vector(std::move(features), dimension);
}

Vector embed_query(std::string_view text, std::uint32_t dimension) {
  const auto lower = ascii_lower(text);
  Features features;
  collect(words_of(lower, kEmbeddedWordsMax), 1, 0, features);
  return to_vector(std::move(features), dimension);
}

}  // namespace mosaic::text
