#include "text/salient_words.hpp"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/utf8.hpp"
#include "text/stem.hpp"
#include "text/stop_words.hpp"
#include "text/word_weight.hpp"
#include "text/words.hpp"

namespace mosaic::text {
namespace {

constexpr double kTitleCount = 4;  // a word of the title counts like so many of the text
/// Words that are looked at; by then a long text has said what it is about.
constexpr std::size_t kReadWordsMax = 10'000;

struct SalientWord {
  std::string_view word;  // the first form met
  double weight = 0;
};

class Tally {
 public:
  void add(const std::vector<std::string_view>& words, double count) {
    for (const auto word : words) add(word, count);
  }

  std::vector<SalientWord> best(std::size_t words_max) {
    // Equals stay in the order of the document.
    std::stable_sort(words_.begin(), words_.end(), [](const SalientWord& a, const SalientWord& b) {
      return a.weight > b.weight;
    });
    words_.resize(std::min(words_max, words_.size()));
    return std::move(words_);
  }

 private:
  void add(std::string_view word, double count) {
    // A run that was cut into several words may have been cut within a character.
    if (!is_utf8(word)) return;
    const auto root = stem(word);
    const auto [known, is_new] = by_stem_.try_emplace(root, words_.size());
    if (is_new) words_.push_back({word, 0});
    words_[known->second].weight += count * word_weight(root);
  }

  std::vector<SalientWord> words_;
  std::unordered_map<std::string_view, std::size_t> by_stem_;
};

void drop_stop_words(std::vector<std::string_view>& title, std::vector<std::string_view>& text) {
  if (std::all_of(title.begin(), title.end(), is_stop_word) &&
      std::all_of(text.begin(), text.end(), is_stop_word)) {
    return;
  }
  std::erase_if(title, is_stop_word);
  std::erase_if(text, is_stop_word);
}

}  // namespace

std::string salient_words(std::string_view title, std::string_view text, std::size_t words_max) {
  const auto lower_title = ascii_lower(title);
  const auto lower_text = ascii_lower(text);
  auto title_words = words_of(lower_title, kReadWordsMax);
  auto text_words = words_of(lower_text, kReadWordsMax);
  drop_stop_words(title_words, text_words);
  Tally tally;
  tally.add(title_words, kTitleCount);
  tally.add(text_words, 1);
  std::string query;
  for (const auto& salient : tally.best(words_max)) {
    if (!query.empty()) query += ' ';
    query += salient.word;
  }
  return query;
}

}  // namespace mosaic::text
