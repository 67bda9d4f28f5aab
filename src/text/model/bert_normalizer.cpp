#include "text/model/bert_normalizer.hpp"

#include <algorithm>

#include "text/model/characters.hpp"
#include "text/model/unicode_forms.hpp"

namespace mosaic::text {
namespace {

constexpr std::pair<char32_t, char32_t> kChinese[] = {
    {0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
    {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};

bool is_chinese(char32_t c) {
  return c >= 0x3400 &&
         std::any_of(std::begin(kChinese), std::end(kChinese),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

/// NUL and U+FFFD are cleaned away with the control characters.
bool is_cleaned_away(char32_t c) {
  return c == kReplacement || CharacterTable::get().is(c, kControl);
}

}  // namespace

BertNormalizer::BertNormalizer(const JsonValue& value)
    : clean_(value.boolean_or("clean_text", true)),
      space_chinese_(value.boolean_or("handle_chinese_chars", true)),
      lower_(value.boolean_or("lowercase", true)) {
  strip_accents_ = value.boolean_or("strip_accents", lower_);
  for (unsigned byte = 0; byte < 0x80; ++byte) {
    const auto c = static_cast<char>(byte);
    plain_[byte] = !clean_ || !is_cleaned_away(byte);
    const bool white = clean_ && CharacterTable::get().is(byte, kWhiteSpace);
    written_[byte] = white ? ' ' : lower_ && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
}

void BertNormalizer::apply(NormalText& text) const {
  auto& bytes = text.text;
  const auto plain = [this](char byte) { return is_plain(byte); };
  const auto done = std::find_if_not(bytes.begin(), bytes.end(), plain);
  std::transform(bytes.begin(), done, bytes.begin(), [this](char byte) { return written(byte); });
  if (done == bytes.end()) return;
  const std::string start = rewritten(std::string_view(bytes).substr(0, text.start_bytes));
  bytes = rewritten(bytes);
  text.start_bytes = std::min(start.size(), bytes.size());
}

std::string BertNormalizer::rewritten(std::string_view bytes) const {
  const auto plain = [this](char byte) { return is_plain(byte); };
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (auto done = bytes.begin(); done != bytes.end();) {
    const auto plain_end = std::find_if_not(done, bytes.end(), plain);
    const auto begin = out.size();
    out.resize(begin + static_cast<std::size_t>(plain_end - done));
    std::transform(done, plain_end, out.begin() + static_cast<std::ptrdiff_t>(begin),
                   [this](char byte) { return written(byte); });
    // Accents are put in order within a run; no plain character lets one pass.
    done = std::find_if(plain_end, bytes.end(), plain);
    append_run({plain_end, done}, out);
  }
  return out;
}

std::u32string BertNormalizer::cleaned(std::string_view run) const {
  std::u32string out;
  out.reserve(run.size());
  for (std::size_t at = 0; at < run.size();) {
    auto c = next_character(run, at);
    if (clean_) {
      if (is_cleaned_away(c)) continue;
      if (CharacterTable::get().is(c, kWhiteSpace)) c = U' ';
    }
    const bool spaced = space_chinese_ && is_chinese(c);
    if (spaced) out += U' ';
    out += c;
    if (spaced) out += U' ';
  }
  return out;
}

void BertNormalizer::append_run(std::string_view run, std::string& out) const {
  auto characters = cleaned(run);
  if (strip_accents_) {
    characters = to_form(characters, UnicodeForm::kNfd);
    std::erase_if(characters, [&table = CharacterTable::get()](char32_t c) {
      return table.is(c, kNonspacingMark);
    });
  }
  std::u32string lowered;
  if (lower_) {
    lowered.reserve(characters.size());
    for (const char32_t c : characters) append_lower(c, lowered);
  }
  for (const char32_t c : lower_ ? lowered : characters) append_utf8(c, out);
}

}  // namespace mosaic::text
