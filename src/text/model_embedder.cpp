#include "text/model_embedder.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/checksum.hpp"
#include "text/document_text.hpp"

namespace mosaic::text {
namespace {

/// What a title adds to a document that holds it already. Without it, documents with short texts
/// and long ones lose what they are about among what else they say: docs/RANKING.md has figures.
constexpr float kTitleShare = 0.5F;
/// Becomes another number whenever a document's vector is made of the model's in another way.
constexpr std::uint64_t kRule = 1;

float length(const Vector& vector) {
  float squares = 0;
  for (const auto number : vector) squares += number * number;
  return std::sqrt(squares);
}

/// `whole` turned towards `title`; its length stays.
Vector leaned(Vector whole, const Vector& title) {
  const auto kept = length(whole);
  const auto share = kTitleShare * kept / length(title);
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] += share * title[i];
  const auto now = length(whole);
  if (now == 0) return whole;
  for (auto& number : whole) number *= kept / now;
  return whole;
}

}  // namespace

std::uint32_t ModelEmbedder::dimension() const {
  return model_->dimension();
}

std::uint64_t ModelEmbedder::fingerprint() const {
  return checksum(fmt::format("{} {}", kRule, model_->fingerprint()));
}

Vector ModelEmbedder::embed_document(std::string_view title, std::string_view text) const {
  auto whole = embed(document_text(title, text));
  if (is_blank(title) || is_blank(text)) return whole;
  const auto heading = embed(title);
  if (whole.empty() || heading.empty()) return whole;
  return leaned(std::move(whole), heading);
}

Vector ModelEmbedder::embed_query(std::string_view text) const {
  return embed(text);
}

}  // namespace mosaic::text
