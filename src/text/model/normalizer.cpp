#include "text/model/normalizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "text/model/bert_normalizer.hpp"
#include "text/model/characters.hpp"
#include "text/model/charsmap.hpp"
#include "text/model/kinds.hpp"
#include "text/model/pattern.hpp"
#include "text/model/unicode_forms.hpp"

namespace mosaic::text {
namespace {

bool all_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_ascii);
}

std::u32string decoded(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) out += next_character(text, at);
  return out;
}

std::string encoded(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(c, out);
  return out;
}

/// Rewrites each character that `kept` holds by `mapped` and drops the others.
template <class Kept, class Mapped>
void rewrite(NormalText& text, Kept kept, Mapped mapped) {
  std::string out;
  out.reserve(text.text.size());
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.text.size();) {
    const bool of_start = at < text.start_bytes;
    const auto c = next_character(text.text, at);
    if (kept(c)) append_utf8(mapped(c), out);
    if (of_start) start = out.size();
  }
  text.text = std::move(out);
  text.start_bytes = start;
}

class Form final : public Normalizer {
 public:
  explicit Form(UnicodeForm form) : form_(form) {}
  void apply(NormalText& text) const override {
    if (all_ascii(text.text)) return;
    const auto start = formed(text.text.substr(0, text.start_bytes)).size();
    text.text = formed(text.text);
    // What is joined with the first character comes from it, too.
    text.start_bytes = character_end(text.text, std::min(start, text.text.size()));
  }

 private:
  std::string formed(const std::string& text) const {
    return encoded(to_form(decoded(text), form_));
  }

  const UnicodeForm form_;
};

class Lowercase final : public Normalizer {
 public:
  void apply(NormalText& text) const override {
    if (all_ascii(text.text)) {
      for (char& c : text.text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      return;
    }
    const auto start = lowered(text.text.substr(0, text.start_bytes)).size();
    text.text = lowered(text.text);
    text.start_bytes = start;
  }

 private:
  static std::string lowered(const std::string& text) {
    std::u32string out;
    for (const char32_t c : decoded(text)) append_lower(c, out);
    return encoded(out);
  }
};

class StripAccents final : public Normalizer {
 public:
  void apply(NormalText& text) const override {
    if (all_ascii(text.text)) return;
    rewrite(
        text, [](char32_t c) { return !CharacterTable::get().is(c, kCombiningMark); },
        [](char32_t c) { return c; });
  }
};

/// The cleaning of SentencePiece's rules "nmt".
class Nmt final : public Normalizer {
 public:
  void apply(NormalText& text) const override { rewrite(text, is_kept, written); }

 private:
  static bool is_kept(char32_t c) {
    return !((c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
             c == 0x8F || c == 0x9F);
  }
  static char32_t written(char32_t c) {
    const bool space = c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
                       (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                       c == 0xFEFF || c == kReplacement;
    return space ? U' ' : c;
  }
};

class Strip final : public Normalizer {
 public:
  explicit Strip(const JsonValue& value)
      : left_(value.at("strip_left").boolean()), right_(value.at("strip_right").boolean()) {}

  void apply(NormalText& text) const override {
    const std::string_view bytes = text.text;
    std::size_t begin = 0;
    std::size_t end = 0;  // behind the last character that is no white space
    bool inside = false;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto here = at;
      if (CharacterTable::get().is(next_character(bytes, at), kWhiteSpace)) continue;
      if (!inside) begin = here;
      inside = true;
      end = at;
    }
    if (!inside) begin = bytes.size();
    if (!left_) begin = 0;
    if (!right_) end = bytes.size();
    text.start_bytes -= std::min(begin, text.start_bytes);
    text.text = std::string(bytes.substr(begin, end > begin ? end - begin : 0));
  }

 private:
  const bool left_;
  const bool right_;
};

class Replace final : public Normalizer {
 public:
  explicit Replace(const JsonValue& value)
      : pattern_(value.at("pattern")), content_(value.at("content").string()) {}

  void apply(NormalText& text) const override {
    auto match = pattern_.find(text.text, 0);
    if (!match) return;
    std::string out;
    out.reserve(text.text.size());
    std::size_t done = 0;
    std::size_t start = 0;
    // What stands in for several characters counts as coming from the last of them.
    const auto note_start = [&](std::size_t begin, std::size_t end) {
      if (begin < text.start_bytes) start = out.size() + std::min(end, text.start_bytes) - begin;
    };
    for (; match; match = pattern_.find(text.text, done)) {
      note_start(done, match->begin);
      out.append(text.text, done, match->begin - done).append(content_);
      if (match->end <= text.start_bytes) start = out.size();
      done = match->end;
    }
    note_start(done, text.text.size());
    out.append(text.text, done);
    text.text = std::move(out);
    text.start_bytes = start;
  }

 private:
  const Pattern pattern_;
  const std::string content_;
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(const JsonValue& value) : before_(value.at("prepend").string()) {}
  void apply(NormalText& text) const override {
    if (text.text.empty()) return;
    text.text.insert(0, before_);
    if (text.start_bytes > 0) text.start_bytes += before_.size();
  }

 private:
  const std::string before_;
};

class NormalizerSequence final : public Normalizer {
 public:
  explicit NormalizerSequence(const JsonValue& value)
      : steps_(read_steps<Normalizer>(value.at("normalizers"), read_normalizer)) {}
  void apply(NormalText& text) const override {
    for (const auto& step : steps_) step->apply(text);
  }

 private:
  const std::vector<std::unique_ptr<const Normalizer>> steps_;
};

template <UnicodeForm form>
std::unique_ptr<const Normalizer> make_form(const JsonValue&) {
  return std::make_unique<const Form>(form);
}

constexpr Kind<Normalizer> kKinds[] = {{"BertNormalizer", make_kind<Normalizer, BertNormalizer>},
                                       {"Lowercase", make_kind<Normalizer, Lowercase>},
                                       {"NFC", make_form<UnicodeForm::kNfc>},
                                       {"NFD", make_form<UnicodeForm::kNfd>},
                                       {"NFKC", make_form<UnicodeForm::kNfkc>},
                                       {"NFKD", make_form<UnicodeForm::kNfkd>},
                                       {"Nmt", make_kind<Normalizer, Nmt>},
                                       {"Precompiled", make_kind<Normalizer, Charsmap>},
                                       {"Prepend", make_kind<Normalizer, Prepend>},
                                       {"Replace", make_kind<Normalizer, Replace>},
                                       {"Sequence", make_kind<Normalizer, NormalizerSequence>},
                                       {"Strip", make_kind<Normalizer, Strip>},
                                       {"StripAccents", make_kind<Normalizer, StripAccents>}};

}  // namespace

std::unique_ptr<const Normalizer> read_normalizer(const JsonValue& value) {
  return read_kind<Normalizer>(value, kKinds);
}

}  // namespace mosaic::text
