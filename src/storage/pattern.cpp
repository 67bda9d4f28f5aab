#include "storage/pattern.hpp"

#include <algorithm>
#include <cstring>

namespace mosaic::storage {
namespace {

constexpr std::size_t kSearchWindowBytes = 64 << 10;

char fold(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::string_view character(std::string_view text, std::size_t at) {
  return text.substr(at, character_bytes(text, at));
}

/// What one element of a pattern does to the text: how far both move on when it matches.
struct Step {
  bool matches = false;
  std::size_t pattern_bytes = 0;
  std::size_t text_bytes = 0;
};

/// The first place at or after `t` that `matches`, or the end.
template <class Matches>
std::size_t seek(std::string_view text, std::size_t t, Matches&& matches) {
  while (t < text.size() && !matches(text[t])) ++t;
  return t;
}

class LikeRules {
 public:
  LikeRules(std::string_view pattern, std::string_view escape)
      : pattern_(pattern), escape_(escape) {}

  bool is_any_text(std::size_t p) const { return pattern_[p] == '%' && !escapes(p); }

  /// The first place at or after `t` where the element at `p` may match.
  std::size_t next_place(std::size_t p, std::string_view text, std::size_t t) const {
    if (pattern_[p] == '_' || escapes(p)) return t;
    return seek(text, t, [want = fold(pattern_[p])](char c) { return fold(c) == want; });
  }

  Step step(std::size_t p, std::string_view text, std::size_t t) const {
    if (!escapes(p)) {
      if (pattern_[p] == '_') return {true, 1, character_bytes(text, t)};
      return {fold(pattern_[p]) == fold(text[t]), 1, 1};
    }
    if (p + escape_.size() == pattern_.size()) return {};  // It escapes nothing.
    const auto literal = character(pattern_, p + escape_.size());
    const auto found = character(text, t);
    const bool same = literal.size() == 1 && found.size() == 1 ? fold(literal[0]) == fold(found[0])
                                                               : literal == found;
    return {same, escape_.size() + literal.size(), found.size()};
  }

 private:
  bool escapes(std::size_t p) const {
    return !escape_.empty() && pattern_.substr(p, escape_.size()) == escape_;
  }

  std::string_view pattern_;
  std::string_view escape_;
};

class GlobRules {
 public:
  explicit GlobRules(std::string_view pattern) : pattern_(pattern) {}

  bool is_any_text(std::size_t p) const { return pattern_[p] == '*'; }

  std::size_t next_place(std::size_t p, std::string_view text, std::size_t t) const {
    if (pattern_[p] == '?' || pattern_[p] == '[') return t;
    return seek(text, t, [want = pattern_[p]](char c) { return c == want; });
  }

  Step step(std::size_t p, std::string_view text, std::size_t t) const {
    const auto found = character(text, t);
    if (pattern_[p] == '?') return {true, 1, found.size()};
    if (pattern_[p] == '[') return step_set(p, found);
    return {pattern_[p] == text[t], 1, 1};
  }

 private:
  /// Code points of UTF-8 are ordered as their bytes are, so ranges compare bytes.
  Step step_set(std::size_t p, std::string_view found) const {
    const auto start = p++;
    const bool inverted = next_is(p, '^');
    if (inverted) ++p;
    bool seen = false;
    std::string_view low;  // What a `-` would start its range from.
    for (bool first = true; p < pattern_.size(); first = false) {
      auto member = character(pattern_, p);
      p += member.size();
      if (member == "]" && !first) return {seen != inverted, p - start, found.size()};
      if (member == "-" && !low.empty() && p < pattern_.size() && pattern_[p] != ']') {
        member = character(pattern_, p);
        p += member.size();
        seen = seen || (low <= found && found <= member);
        low = {};
      } else {
        seen = seen || member == found;
        low = first && member == "]" ? std::string_view() : member;
      }
    }
    return {};  // A set that is not closed matches nothing.
  }

  bool next_is(std::size_t p, char c) const { return p < pattern_.size() && pattern_[p] == c; }

  std::string_view pattern_;
};

/// Only the last "any text" needs to be tried again at another place: what stood before it has
/// found its earliest match already. So the work is at most pattern times text, and no recursion.
template <class Rules>
Match match(const Rules& rules, std::string_view pattern, std::string_view text,
            Patience& patience) {
  std::size_t p = 0;
  std::size_t t = 0;
  auto retry_p = std::string_view::npos;
  std::size_t retry_t = 0;
  while (t < text.size()) {
    std::size_t work = 1;
    if (p < pattern.size() && rules.is_any_text(p)) {
      while (p < pattern.size() && rules.is_any_text(p)) ++p;
      if (p == pattern.size()) return Match::kYes;
      retry_p = p;
      retry_t = rules.next_place(p, text, t);
      work += retry_t - t;
      t = retry_t;
    } else if (const auto step = p < pattern.size() ? rules.step(p, text, t) : Step{};
               step.matches) {
      p += step.pattern_bytes;
      t += step.text_bytes;
      work = step.pattern_bytes;
    } else {
      if (retry_p == std::string_view::npos) return Match::kNo;
      const auto next = retry_t + character_bytes(text, retry_t);
      p = retry_p;
      t = retry_t = rules.next_place(p, text, next);
      work += step.pattern_bytes + t - next;
    }
    if (patience.lost(work)) return Match::kStopped;
  }
  while (p < pattern.size() && rules.is_any_text(p)) ++p;
  return p == pattern.size() ? Match::kYes : Match::kNo;
}

}  // namespace

std::size_t character_bytes(std::string_view text, std::size_t at) {
  auto end = at + 1;
  if (static_cast<unsigned char>(text[at]) >= 0xc0) {
    while (end < text.size() && continues(text[end])) ++end;
  }
  return std::min(end, text.size()) - at;
}

Match like(std::string_view pattern, std::string_view text, std::string_view escape,
           Patience& patience) {
  return match(LikeRules(pattern, escape), pattern, text, patience);
}

Match glob(std::string_view pattern, std::string_view text, Patience& patience) {
  return match(GlobRules(pattern), pattern, text, patience);
}

Found find(std::string_view text, std::string_view needle, std::size_t from, Patience& patience) {
  // memmem is linear for long needles and at worst 256 times that for short ones: a window at a
  // time is short enough. Windows overlap by the needle, and are longer than it to pay for its
  // set-up.
  const auto window = std::max(kSearchWindowBytes, 4 * needle.size());
  while (from + needle.size() <= text.size()) {
    const auto part = text.substr(from, window + needle.size() - 1);
    const auto* const place =
        static_cast<const char*>(memmem(part.data(), part.size(), needle.data(), needle.size()));
    const auto searched =
        place == nullptr ? part.size() : static_cast<std::size_t>(place - part.data());
    if (patience.lost(searched + 1)) return {Match::kStopped, 0};
    if (place != nullptr) return {Match::kYes, from + searched};
    from += window;
  }
  return {Match::kNo, 0};
}

}  // namespace mosaic::storage
