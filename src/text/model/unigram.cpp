#include "text/model/unigram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "text/model/characters.hpp"

namespace mosaic::text {
namespace {

constexpr double kUnknownPenalty = 10;
constexpr std::uint32_t kNoId = std::numeric_limits<std::uint32_t>::max();

}  // namespace

Unigram::Unigram(const JsonValue& model) {
  const auto vocabulary = model.at("vocab");
  const auto entries = vocabulary.array();
  pieces_ = PieceTable(entries.size());
  double score_min = std::numeric_limits<double>::infinity();
  for (const auto entry : entries) {
    simdjson::dom::array pair;
    std::string_view piece;
    double score = 0;
    if (entry.get(pair) || pair.size() != 2 || pair.at(0).get(piece) || pair.at(1).get(score)) {
      vocabulary.item(entry, scores_.size()).refuse("is not a piece and its score");
    }
    pieces_.put(piece, static_cast<std::uint32_t>(scores_.size()));
    scores_.push_back(score);
    score_min = std::min(score_min, score);
  }
  unknown_score_ = score_min - kUnknownPenalty;
  if (const auto unknown = model.find("unk_id")) {
    if (unknown->number() >= scores_.size()) unknown->refuse("is no id of the vocabulary");
    unknown_ = static_cast<std::uint32_t>(unknown->number());
  }
  std::vector<std::pair<std::string_view, std::uint32_t>> list;
  list.reserve(pieces_.size());
  pieces_.for_each([&](std::string_view piece, std::uint32_t id) { list.emplace_back(piece, id); });
  trie_ = PieceTrie(std::move(list));
  if (model.boolean_or("byte_fallback", false)) read_bytes();
}

void Unigram::read_bytes() {
  std::array<std::uint32_t, 256> ids;
  for (unsigned byte = 0; byte < ids.size(); ++byte) {
    ids[byte] = pieces_.find(fmt::format("<0x{:02X}>", byte)).value_or(kNoId);
  }
  bytes_ = ids;
}

void Unigram::encode(std::string_view text, std::vector<std::uint32_t>& ids) const {
  const auto steps = best_steps(text);
  std::vector<std::size_t> ends;
  for (auto end = text.size(); end > 0; end -= steps[end].bytes) ends.push_back(end);
  const auto unknown = unknown_.value_or(kNoId);
  std::size_t begin = 0;
  for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
    const auto id = steps[*end].id;
    if (id != unknown) {
      ids.push_back(id);
    } else if (std::next(end) != ends.rend() && steps[*std::next(end)].id == unknown) {
      continue;
    } else {
      append_piece(text.substr(begin, *end - begin), ids);
    }
    begin = *end;
  }
}

std::vector<Unigram::Step> Unigram::best_steps(std::string_view text) const {
  std::vector<Step> steps(text.size() + 1);
  const auto offer = [&](std::size_t begin, std::size_t bytes, double score, std::uint32_t id) {
    auto& step = steps[begin + bytes];
    if (step.bytes != 0 && score <= step.score) return;
    step = {score, id, static_cast<std::uint32_t>(bytes)};
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const auto score = steps[begin].score;
    const auto character = character_bytes(text[begin]);
    bool single = false;
    trie_.for_each_prefix(text.substr(begin), [&](std::size_t bytes, std::uint32_t id) {
      offer(begin, bytes, scores_[id] + score, id);
      single = single || bytes == character;
    });
    if (!single) offer(begin, character, unknown_score_ + score, unknown_.value_or(kNoId));
    begin += character;
  }
  return steps;
}

void Unigram::append_piece(std::string_view text, std::vector<std::uint32_t>& ids) const {
  if (const auto id = pieces_.find(text)) {
    ids.push_back(*id);
    return;
  }
  const auto has_piece = [this](char byte) {
    return (*bytes_)[static_cast<unsigned char>(byte)] != kNoId;
  };
  if (bytes_ && std::all_of(text.begin(), text.end(), has_piece)) {
    for (const char byte : text) ids.push_back((*bytes_)[static_cast<unsigned char>(byte)]);
  } else if (unknown_) {
    ids.push_back(*unknown_);
  }
}

}  // namespace mosaic::text
