#include "text/word_weight.hpp"

#include <unordered_set>

#include "text/stem.hpp"
#include "text/words.hpp"

namespace mosaic::text {
namespace {

constexpr double kCommonWeight = 0.6;

/// Frequent in descriptions, specifications and abstracts alike.
constexpr std::string_view kCommonWords =
    "ability able access actual add addition advantage aim algorithm allow alternative "
    "analysis application apply approach appropriate article automatic available base basic "
    "behavior best better build built call case certain change character class code "
    "collection common complete complex component computer concern consider consist contain "
    "control core create current currently data deal define describe description design "
    "detail develop development different direct discuss document documentation easily easy "
    "effect efficient element end environment error especially example exist expect extend "
    "extension external fast feature file find first fixed following form format found "
    "framework free full function future general generate go good handle help high idea "
    "implement implementation important include individual information input intend interest "
    "interface internal involve issue kind know known language large later least less level "
    "library like limit line list long look low made main major make making manage many mean "
    "mechanism mention method mode modern module multi multiple name necessarily necessary "
    "need new next non normal note now number object one open operate operation order "
    "original output package paper parameter part particular perform performance point "
    "possible present problem procedure process produce program programming project propose "
    "provide purpose question range real reduce refer reference regard relate require "
    "requirement result rule run running see separate set several shared show side similar "
    "simple single size small software solution source special specific specification "
    "standard state step structure suitable support system take technique term test text "
    "thing three time together tool top topic try two type typical usage use used useful "
    "user using usual utility value variable variety various version want way well wide word "
    "work write written";

std::unordered_set<std::string_view> stems_of_common_words() {
  std::unordered_set<std::string_view> stems;
  for (const auto word : words_of(kCommonWords, kCommonWords.size())) stems.insert(stem(word));
  return stems;
}

}  // namespace

double word_weight(std::string_view stem) {
  static const auto kCommonStems = stems_of_common_words();
  return kCommonStems.contains(stem) ? kCommonWeight : 1.0;
}

}  // namespace mosaic::text
