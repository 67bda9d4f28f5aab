#include "text/model/unicode_forms.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "text/model/characters.hpp"

namespace mosaic::text {
namespace {

/// U+FDFA becomes 18 characters, and no character more.
constexpr std::size_t kDecomposedMax = 18;

bool is_unknown(char32_t c) {
  return CharacterTable::get().is(c, kUnknown);
}

std::uint16_t combining_class(char32_t c) {
  if (c < 0x300 || is_unknown(c)) return 0;
  return static_cast<std::uint16_t>(
      ::utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class);
}

void append_decomposed(char32_t c, int options, std::u32string& out) {
  if (c < 0xA0 || is_unknown(c)) {
    out += c;
    return;
  }
  std::array<utf8proc_int32_t, kDecomposedMax> parts;
  const auto count =
      ::utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(), parts.size(),
                                static_cast<utf8proc_option_t>(options), nullptr);
  const auto kept = std::clamp<utf8proc_ssize_t>(count, 0, parts.size());
  for (utf8proc_ssize_t i = 0; i < kept; ++i)
    out += static_cast<char32_t>(parts[static_cast<std::size_t>(i)]);
}

/// Marks that follow each other stand by rising class, those of equal class as they came.
void order_marks(std::u32string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (combining_class(text[i]) == 0) continue;
    auto end = i + 1;
    while (end < text.size() && combining_class(text[end]) != 0) ++end;
    if (end - i > 1) {
      std::stable_sort(text.begin() + static_cast<std::ptrdiff_t>(i),
                       text.begin() + static_cast<std::ptrdiff_t>(end), [](char32_t a, char32_t b) {
                         return combining_class(a) < combining_class(b);
                       });
    }
    i = end;
  }
}

/// Joins what is decomposed and ordered, in place; gives the new length.
std::size_t compose_run(char32_t* run, std::size_t size) {
  static_assert(sizeof(char32_t) == sizeof(utf8proc_int32_t));
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  const auto length = ::utf8proc_normalize_utf32(reinterpret_cast<utf8proc_int32_t*>(run),
                                                 static_cast<utf8proc_ssize_t>(size), options);
  return length < 0 ? size : static_cast<std::size_t>(length);
}

void compose(std::u32string& text) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size();) {
    auto end = i;
    while (end < text.size() && !is_unknown(text[end])) ++end;
    const auto length = end > i ? compose_run(text.data() + i, end - i) : 0;
    std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(i), length,
                text.begin() + static_cast<std::ptrdiff_t>(kept));
    kept += length;
    if (end < text.size()) text[kept++] = text[end++];
    i = end;
  }
  text.resize(kept);
}

}  // namespace

std::u32string to_form(std::u32string_view text, UnicodeForm form) {
  const bool compatible = form == UnicodeForm::kNfkc || form == UnicodeForm::kNfkd;
  const int options =
      UTF8PROC_DECOMPOSE | UTF8PROC_STABLE | (compatible ? static_cast<int>(UTF8PROC_COMPAT) : 0);
  std::u32string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_decomposed(c, options, out);
  order_marks(out);
  if (form == UnicodeForm::kNfc || form == UnicodeForm::kNfkc) compose(out);
  return out;
}

}  // namespace mosaic::text
