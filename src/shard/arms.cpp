#include "shard/arms.hpp"

#include "query/merge.hpp"
#include "shard/text_ranking.hpp"
#include "text/stop_words.hpp"

namespace mosaic::shard {

std::vector<std::string> terms_of(storage::ShardReader& reader, const std::string& text) {
  auto terms = text::query_terms(reader.text().words(text));
  if (!terms) throw Failure(terms.error());
  return std::move(*terms);
}

std::vector<query::Candidate> Arms::by_vector() {
  auto nearest =
      session_.view().vectors.nearest(query_.vector, query_.depth, allowed_, session_.deadline());
  if (!nearest) throw Failure(nearest.error());
  std::vector<query::Candidate> arm;
  for (auto& neighbor : *nearest) {
    const auto score = query::vector_score(metric_, neighbor.distance);
    arm.push_back({shard_, neighbor.row, std::move(neighbor.id), score, neighbor.distance, score,
                   std::nullopt});
  }
  return arm;
}

std::vector<query::Candidate> Arms::by_text() {
  auto& reader = session_.reader();
  const auto terms = terms_of(reader, query_.text);
  const auto stats = query_.stats ? *query_.stats : reader.text().stats(terms, session_.deadline());
  TextRanking ranking(query_.depth, [&](Row row) { return reader.id_of(row); });
  reader.text().rank(terms, stats, [&](Row row, double score) {
    if (allowed_ == nullptr || allowed_->contains(row)) ranking.offer(row, score);
  });
  std::vector<query::Candidate> arm;
  for (auto& ranked : ranking.take()) {
    arm.push_back({shard_, ranked.row, std::move(ranked.id), ranked.score, distance(ranked.row),
                   std::nullopt, ranked.score});
  }
  return arm;
}

std::optional<double> Arms::distance(Row row) const {
  if (query_.vector.empty()) return std::nullopt;
  return session_.view().vectors.distance(row, query_.vector);
}

}  // namespace mosaic::shard
