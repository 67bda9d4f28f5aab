#include "text/model/pre_tokenizer.hpp"

#include <fmt/format.h>

#include <array>
#include <type_traits>
#include <utility>

#include "text/model/characters.hpp"
#include "text/model/kinds.hpp"
#include "text/model/metaspace.hpp"
#include "text/model/pattern.hpp"
#include "text/model/split_behavior.hpp"

namespace mosaic::text {
namespace {

/// Cuts each piece into parts that match and parts that do not.
class PartSplit : public PreTokenizer {
 public:
  explicit PartSplit(SplitBehavior behavior) : behavior_(behavior) {}

  void split(Pieces& pieces) const override {
    std::vector<Piece> out;
    out.reserve(pieces.list.size());
    std::vector<Part> parts;
    for (const auto& piece : pieces.list) {
      parts.clear();
      collect(piece.text, parts);
      append_split(piece, parts, behavior_, out);
    }
    pieces.list = std::move(out);
  }

 private:
  virtual void collect(std::string_view text, std::vector<Part>& parts) const = 0;

  const SplitBehavior behavior_;
};

/// Splits at each character of a class; every one is a match of its own.
class ClassSplit : public PartSplit {
 public:
  ClassSplit(std::uint8_t classes, SplitBehavior behavior)
      : PartSplit(behavior), classes_(classes) {}

 private:
  void collect(std::string_view text, std::vector<Part>& parts) const override {
    const auto& table = CharacterTable::get();
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto here = at;
      if (!table.is(next_character(text, at), classes_)) continue;
      if (begin < here) parts.push_back({{begin, here}, false});
      parts.push_back({{here, at}, true});
      begin = at;
    }
    if (begin < text.size()) parts.push_back({{begin, text.size()}, false});
  }

  const std::uint8_t classes_;
};

class WhitespaceSplit final : public ClassSplit {
 public:
  WhitespaceSplit() : ClassSplit(kWhiteSpace, SplitBehavior::kRemoved) {}
};

class Punctuation final : public ClassSplit {
 public:
  explicit Punctuation(const JsonValue& value) : ClassSplit(kPunctuation, behavior_in(value)) {}

 private:
  static SplitBehavior behavior_in(const JsonValue& value) {
    const auto behavior = value.find("behavior");
    return behavior ? read_split_behavior(*behavior) : SplitBehavior::kIsolated;
  }
};

class Digits final : public ClassSplit {
 public:
  explicit Digits(const JsonValue& value)
      : ClassSplit(kNumeric, value.at("individual_digits").boolean() ? SplitBehavior::kIsolated
                                                                     : SplitBehavior::kContiguous) {
  }
};

/// Cuts at changes of class: `kind` gives 0 for what is dropped, and equal neighbours of any other
/// number stay together, unless it is `alone`.
template <class Kind>
void cut(const Piece& piece, Kind kind, int alone, std::vector<Piece>& out) {
  const auto text = piece.text;
  std::size_t begin = 0;
  int open = 0;
  const auto close = [&](std::size_t end) {
    if (open != 0) out.push_back(piece.part(begin, end));
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto here = at;
    const int next = kind(text, at);
    if (next == open && next != alone) continue;
    close(here);
    begin = here;
    open = next;
  }
  close(text.size());
}

/// White space is dropped, punctuation stands alone.
class BertPreTokenizer final : public PreTokenizer {
 public:
  BertPreTokenizer() {
    for (char32_t c = 0; c < ascii_.size(); ++c) ascii_[c] = static_cast<std::uint8_t>(kind_of(c));
  }

  void split(Pieces& pieces) const override {
    std::vector<Piece> out;
    for (const auto& piece : pieces.list) {
      out.reserve(out.size() + piece.text.size() / 5);
      cut(
          piece, [this](std::string_view text, std::size_t& at) { return next_kind(text, at); },
          kAlone, out);
    }
    pieces.list = std::move(out);
  }

 private:
  static constexpr int kInWord = 1;
  static constexpr int kAlone = 2;

  static int kind_of(char32_t c) {
    const auto classes = CharacterTable::get().classes(c);
    return (classes & kWhiteSpace) != 0 ? 0 : (classes & kPunctuation) != 0 ? kAlone : kInWord;
  }

  int next_kind(std::string_view text, std::size_t& at) const {
    if (is_ascii(text[at])) return ascii_[static_cast<unsigned char>(text[at++])];
    return kind_of(next_character(text, at));
  }

  std::array<std::uint8_t, 128> ascii_;
};

/// The regular expression \w+|[^\w\s]+.
class Whitespace final : public PreTokenizer {
 public:
  void split(Pieces& pieces) const override {
    std::vector<Piece> out;
    for (const auto& piece : pieces.list) cut(piece, kind, -1, out);
    pieces.list = std::move(out);
  }

 private:
  static int kind(std::string_view text, std::size_t& at) {
    const auto classes = CharacterTable::get().classes(next_character(text, at));
    return (classes & kWord) != 0 ? 1 : (classes & kWhiteSpace) != 0 ? 0 : 2;
  }
};

class Split final : public PartSplit {
 public:
  explicit Split(const JsonValue& value)
      : PartSplit(read_split_behavior(value.at("behavior"))),
        pattern_(value.at("pattern")),
        invert_(value.at("invert").boolean()) {}

 private:
  void collect(std::string_view text, std::vector<Part>& parts) const override {
    std::size_t done = 0;
    while (const auto match = pattern_.find(text, done)) {
      if (done < match->begin) parts.push_back({{done, match->begin}, invert_});
      parts.push_back({*match, !invert_});
      done = match->end;
    }
    if (done < text.size()) parts.push_back({{done, text.size()}, invert_});
  }

  const Pattern pattern_;
  const bool invert_;
};

class PreTokenizerSequence final : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(const JsonValue& value)
      : steps_(read_steps<PreTokenizer>(value.at("pretokenizers"), read_pre_tokenizer)) {}
  void split(Pieces& pieces) const override {
    for (const auto& step : steps_) step->split(pieces);
  }

 private:
  const std::vector<std::unique_ptr<const PreTokenizer>> steps_;
};

constexpr Kind<PreTokenizer> kKinds[] = {
    {"BertPreTokenizer", make_kind<PreTokenizer, BertPreTokenizer>},
    {"Digits", make_kind<PreTokenizer, Digits>},
    {"Metaspace", make_kind<PreTokenizer, Metaspace>},
    {"Punctuation", make_kind<PreTokenizer, Punctuation>},
    {"Sequence", make_kind<PreTokenizer, PreTokenizerSequence>},
    {"Split", make_kind<PreTokenizer, Split>},
    {"Whitespace", make_kind<PreTokenizer, Whitespace>},
    {"WhitespaceSplit", make_kind<PreTokenizer, WhitespaceSplit>}};

}  // namespace

std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const JsonValue& value) {
  return read_kind<PreTokenizer>(value, kKinds);
}

}  // namespace mosaic::text
