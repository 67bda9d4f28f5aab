#include "text/model/metaspace.hpp"

#include <fmt/format.h>

#include "text/model/characters.hpp"

namespace mosaic::text {

Metaspace::Metaspace(const JsonValue& value)
    : mark_(value.at("replacement").string()),
      prepend_(read_prepend(value)),
      split_(value.boolean_or("split", true)) {
  if (mark_.empty() || character_bytes(mark_[0]) != mark_.size()) {
    value.at("replacement").refuse("is not one character");
  }
}

Metaspace::Prepend Metaspace::read_prepend(const JsonValue& value) {
  const auto scheme = value.string_or("prepend_scheme", "always");
  const bool known = scheme == "always" || scheme == "first" || scheme == "never";
  if (!known)
    value.refuse(fmt::format("has the prepend_scheme '{}', which is not supported", scheme));
  if (!value.boolean_or("add_prefix_space", true) && scheme != "never") {
    value.refuse("has an add_prefix_space that contradicts its prepend_scheme");
  }
  return scheme == "always"  ? Prepend::kAlways
         : scheme == "first" ? Prepend::kFirst
                             : Prepend::kNever;
}

void Metaspace::split(Pieces& pieces) const {
  std::vector<Piece> out;
  for (const auto& piece : pieces.list) {
    const auto& text = pieces.written.emplace_back(marked(piece));
    if (split_) {
      append_words({text, piece.from_start}, out);
    } else {
      out.push_back({text, piece.from_start});
    }
  }
  pieces.list = std::move(out);
}

std::string Metaspace::marked(const Piece& piece) const {
  std::string out;
  out.reserve(piece.text.size() + piece.text.size() / 2 + mark_.size());
  const bool wanted =
      prepend_ == Prepend::kAlways || (prepend_ == Prepend::kFirst && piece.from_start);
  const bool there = piece.text.starts_with(' ') || piece.text.starts_with(mark_);
  if (wanted && !there) out += mark_;
  for (const char c : piece.text) {
    if (c == ' ') {
      out += mark_;
    } else {
      out += c;
    }
  }
  return out;
}

void Metaspace::append_words(const Piece& piece, std::vector<Piece>& out) const {
  const auto text = piece.text;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto next = text.find(mark_, begin + 1);
    const auto end = next == text.npos ? text.size() : next;
    out.push_back({text.substr(begin, end - begin), piece.from_start && begin == 0});
    begin = end;
  }
}

}  // namespace mosaic::text
