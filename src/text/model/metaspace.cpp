#include "text/model/metaspace.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    const auto whole = marked(piece, pieces);
    if (split_) {
      append_words(whole, out);
    } else {
      out.push_back(whole);
    }
  }
  pieces.list = std::move(out);
}

Piece Metaspace::marked(const Piece& piece, Pieces& pieces) const {
  std::string& out = pieces.written.emplace_back();
  out.reserve(piece.text.size() + piece.text.size() / 2 + mark_.size());
  const bool first = piece.start_bytes > 0;
  const bool there = piece.text.starts_with(' ') || piece.text.starts_with(mark_);
  if (!there && (prepend_ == Prepend::kAlways || (prepend_ == Prepend::kFirst && first)))
    out += mark_;
  std::size_t start = 0;
  for (std::size_t i = 0; i < piece.text.size(); ++i) {
    if (piece.text[i] == ' ') {
      out += mark_;
    } else {
      out += piece.text[i];
    }
    if (i < piece.start_bytes) start = out.size();
  }
  return {out, start};
}

void Metaspace::append_words(const Piece& piece, std::vector<Piece>& out) const {
  for (std::size_t begin = 0; begin < piece.text.size();) {
    const auto end = std::min(piece.text.find(mark_, begin + 1), piece.text.size());
    out.push_back(piece.part(begin, end));
    begin = end;
  }
}

}  // namespace mosaic::text
