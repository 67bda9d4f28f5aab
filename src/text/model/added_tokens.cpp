#include "text/model/added_tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "text/model/characters.hpp"

namespace mosaic::text {
namespace {

std::size_t character_before(std::string_view text, std::size_t end) {
  do --end;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
  return end;
}

bool is_at(std::string_view text, std::size_t at, CharacterClass wanted) {
  return CharacterTable::get().is(next_character(text, at), wanted);
}

bool stands_alone(std::string_view text, Span span) {
  const bool left = span.begin == 0 || !is_at(text, character_before(text, span.begin), kWord);
  return left && (span.end == text.size() || !is_at(text, span.end, kWord));
}

/// `span` with the white space beside it that the token takes along, but for what is `done`.
Span widened(std::string_view text, Span span, const TokenMatcher::Token& token, std::size_t done) {
  while (token.strips_left && span.begin > done) {
    const auto before = character_before(text, span.begin);
    if (!is_at(text, before, kWhiteSpace)) break;
    span.begin = before;
  }
  while (token.strips_right && span.end < text.size() && is_at(text, span.end, kWhiteSpace)) {
    span.end += character_bytes(text[span.end]);
  }
  return span;
}

struct Listed {
  TokenMatcher::Token token;
  bool normalized = false;
};

Listed read_token(const JsonValue& value) {
  return {{std::string(value.at("content").string()), 0, value.at("single_word").boolean(),
           value.at("lstrip").boolean(), value.at("rstrip").boolean()},
          value.at("normalized").boolean()};
}

}  // namespace

TokenMatcher::TokenMatcher(std::vector<Token> tokens) : tokens_(std::move(tokens)) {
  std::vector<std::pair<std::string_view, std::uint32_t>> contents;
  for (std::uint32_t i = 0; i < tokens_.size(); ++i) contents.emplace_back(tokens_[i].content, i);
  trie_ = PieceTrie(std::move(contents));
}

std::optional<std::size_t> TokenMatcher::longest_at(std::string_view text, std::size_t at) const {
  std::optional<std::size_t> found;
  trie_.for_each_prefix(text.substr(at), [&](std::size_t, std::uint32_t i) { found = i; });
  return found;
}

std::vector<Stretch> TokenMatcher::cut(std::string_view text) const {
  std::vector<Stretch> out;
  std::size_t done = 0;
  const auto append = [&](Span span, std::optional<std::uint32_t> id) {
    out.push_back({text.substr(span.begin, span.end - span.begin), id});
  };
  for (std::size_t at = 0; at < text.size() && !trie_.empty();) {
    const auto found = trie_.starts(text[at]) ? longest_at(text, at) : std::nullopt;
    if (!found) {
      ++at;
      continue;
    }
    const auto& token = tokens_[*found];
    Span span{at, at + token.content.size()};
    at = span.end;
    if (token.single_word && !stands_alone(text, span)) continue;
    span = widened(text, span, token, done);
    if (done < span.begin) append({done, span.begin}, std::nullopt);
    append(span, token.id);
    done = span.end;
  }
  if (done < text.size()) append({done, text.size()}, std::nullopt);
  return out;
}

AddedTokens::AddedTokens(const std::optional<JsonValue>& list, const TokenModel& model,
                         const Normalizer* normalizer) {
  if (!list) return;
  std::map<std::uint32_t, Listed> by_id;
  auto next = static_cast<std::uint32_t>(model.listed());
  std::size_t position = 0;
  for (const auto element : list->array()) {
    auto listed = read_token(list->item(element, position++));
    auto& [content, id, single_word, left, right] = listed.token;
    if (content.empty()) continue;
    const auto known = ids_.find(content);
    const auto piece = known ? known : model.pieces().find(content);
    id = piece ? *piece : next++;
    ids_.put(content, id);
    by_id.insert_or_assign(id, std::move(listed));
  }
  std::vector<TokenMatcher::Token> raw;
  std::map<std::string, TokenMatcher::Token> normalized;
  for (auto& [id, listed] : by_id) {
    auto& token = listed.token;
    if (!listed.normalized) {
      raw.push_back(std::move(token));
      continue;
    }
    NormalText content{token.content, 0};
    if (normalizer != nullptr) normalizer->apply(content);
    token.content = content.text;
    if (content.text.empty() || !normalized.emplace(content.text, token).second) {
      list->refuse(
          fmt::format("has a token, {}, that is empty or another one once normalised", id));
    }
  }
  std::vector<TokenMatcher::Token> tokens;
  for (auto& [content, token] : normalized) tokens.push_back(std::move(token));
  raw_ = TokenMatcher(std::move(raw));
  normalized_ = TokenMatcher(std::move(tokens));
}

}  // namespace mosaic::text
