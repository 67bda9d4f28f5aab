#include "text/model/tokenizer.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "text/model/characters.hpp"
#include "text/model/unigram.hpp"
#include "text/model/word_piece.hpp"

namespace mosaic::text {
namespace {

std::unique_ptr<const TokenModel> read_model(const JsonValue& model) {
  const auto type = model.string_or("type", "");
  if (type == "WordPiece") return std::make_unique<const WordPiece>(model);
  if (type == "Unigram") return std::make_unique<const Unigram>(model);
  model.refuse(fmt::format("is a '{}', which is not supported", type));
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

/// Of an even number, the mean of the middle two, rounded down.
std::size_t median(std::vector<std::size_t> numbers) {
  if (numbers.empty()) return 0;
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  if (numbers.size() % 2 == 1) return *middle;
  return (*std::max_element(numbers.begin(), middle) + *middle) / 2;
}

}  // namespace

Tokenizer::Tokenizer(std::string_view json) {
  simdjson::dom::parser parser;
  const auto root = JsonValue::parse(parser, json, "tokenizer.json");
  const auto version = root.string_or("version", "1.0");
  if (version != "1.0") root.refuse(fmt::format("has the version '{}'", version));
  model_ = read_model(root.at("model"));
  if (const auto value = root.find("normalizer")) normalizer_ = read_normalizer(*value);
  if (const auto value = root.find("pre_tokenizer")) pre_tokenizer_ = read_pre_tokenizer(*value);
  added_.emplace(root.find("added_tokens"), *model_, normalizer_.get());
  unknown_ = model_->unknown();
  if (const auto token = root.at("model").find("unk_token")) {
    if (const auto id = added_->find(token->string())) unknown_ = id;
  }
  count_tokens();
}

void Tokenizer::count_tokens() {
  std::vector<std::size_t> characters;
  const auto count = [&](std::string_view piece, std::uint32_t id) {
    characters.push_back(characters_in(piece));
    ids_end_ = std::max<std::size_t>(ids_end_, std::size_t{id} + 1);
  };
  model_->pieces().for_each(count);
  added_->ids().for_each([&](std::string_view content, std::uint32_t id) {
    if (!model_->pieces().find(content)) count(content, id);
  });
  tokens_ = characters.size();
  median_characters_ = median(std::move(characters));
}

std::vector<std::uint32_t> Tokenizer::encode(std::string_view text) const {
  std::vector<std::uint32_t> ids;
  if (!simdjson::validate_utf8(text.data(), text.size())) return encode(replace_invalid(text));
  ids.reserve(text.size() / 4);
  for (const auto& stretch : added_->raw().cut(text)) {
    if (stretch.id) {
      ids.push_back(*stretch.id);
    } else {
      const bool first = stretch.text.data() == text.data();
      encode_raw({stretch.text, first ? character_bytes(text[0]) : 0}, ids);
    }
  }
  return ids;
}

void Tokenizer::encode_raw(const Piece& raw, std::vector<std::uint32_t>& ids) const {
  NormalText normal{std::string(raw.text), raw.start_bytes};
  if (normalizer_) normalizer_->apply(normal);
  const Piece whole{normal.text, normal.start_bytes};
  for (const auto& stretch : added_->normalized().cut(whole.text)) {
    if (stretch.id) {
      ids.push_back(*stretch.id);
    } else {
      const auto begin = static_cast<std::size_t>(stretch.text.data() - whole.text.data());
      encode_normal(whole.part(begin, begin + stretch.text.size()), ids);
    }
  }
}

void Tokenizer::encode_normal(const Piece& normal, std::vector<std::uint32_t>& ids) const {
  Pieces pieces{{normal}, {}};
  if (pre_tokenizer_) pre_tokenizer_->split(pieces);
  for (const auto& piece : pieces.list) model_->encode(piece.text, ids);
}

}  // namespace mosaic::text
