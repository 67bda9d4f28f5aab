#include "text/stem.hpp"

#include <algorithm>
#include <array>

namespace mosaic::text {
namespace {

constexpr std::size_t kUncutMax = 3;          // words of so many bytes stay whole
constexpr std::size_t kBeforeInflection = 3;  // bytes that must remain before -ing and -ed
constexpr std::size_t kBeforeDerivation = 4;  // and before the endings that make other words

/// Longer endings first: the first that fits is cut.
constexpr auto kDerivations = std::to_array<std::string_view>(
    {"ization", "isation", "ational", "fulness", "iveness", "ousness", "ation", "ative",
     "ment",    "ness",    "able",    "ible",    "ably",    "ibly",    "ator",  "ally",
     "ical",    "ion",     "ive",     "ize",     "ise",     "ate",     "ity",   "ful",
     "ous",     "ant",     "ent",     "er",      "or",      "al",      "ic",    "ly"});

bool is_letter(char byte) {
  return byte >= 'a' && byte <= 'z';
}

bool is_vowel(char byte) {
  return std::string_view("aeiouy").find(byte) != std::string_view::npos;
}

/// Cuts `ending` where at least `least` bytes with a vowel stay.
bool cut(std::string_view& word, std::string_view ending, std::size_t least) {
  if (!word.ends_with(ending) || word.size() < ending.size() + least) return false;
  const auto rest = word.substr(0, word.size() - ending.size());
  if (std::none_of(rest.begin(), rest.end(), is_vowel)) return false;
  word = rest;
  return true;
}

void cut_plural(std::string_view& word) {
  if (word.ends_with("ies") || word.ends_with("sses")) {
    word.remove_suffix(2);
  } else if (word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") &&
             !word.ends_with("is")) {
    word.remove_suffix(1);
  }
}

/// "running" leaves "runn", which is to meet "run"; "calling" and "passed" keep their pair.
bool cut_doubled_consonant(std::string_view& word) {
  const auto last = word.back();
  if (word.size() <= kUncutMax || last != word[word.size() - 2] || is_vowel(last)) return false;
  if (std::string_view("lsz").find(last) != std::string_view::npos) return false;
  word.remove_suffix(1);
  return true;
}

/// "generating" leaves "generat" and "optimized" "optimiz", without the e by which -ate and -ize
/// are known; "repeated" and "floating" leave words that end so by themselves.
void cut_verb_ending(std::string_view& word) {
  if (word.ends_with("eat") || word.ends_with("oat")) return;
  if (!cut(word, "at", kBeforeDerivation)) cut(word, "iz", kBeforeDerivation);
}

void cut_inflection(std::string_view& word) {
  if (!cut(word, "ing", kBeforeInflection) && !cut(word, "ed", kBeforeInflection)) return;
  if (!cut_doubled_consonant(word)) cut_verb_ending(word);
}

}  // namespace

std::string_view stem(std::string_view word) {
  if (word.size() <= kUncutMax || !std::all_of(word.begin(), word.end(), is_letter)) return word;
  cut_plural(word);
  cut_inflection(word);
  for (const auto ending : kDerivations) {
    if (cut(word, ending, kBeforeDerivation)) break;
  }
  const bool weak_end = word.ends_with('e') || word.ends_with('y') || word.ends_with('i');
  if (weak_end && word.size() > kUncutMax + 1) word.remove_suffix(1);
  return word;
}

}  // namespace mosaic::text
