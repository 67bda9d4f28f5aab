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
      session_.view().vectors.nearest(query_.vector, depth(), allowed_, session_.deadline());
  if (!nearest) throw Failure(nearest.error());
  std::vector<query::Candidate> arm;
  for (auto& neighbor : *nearest) {
    const auto score = query::vector_score(metric_, neighbor.distance);
    auto& candidate = arm.emplace_back(candidate_of(neighbor.row, std::move(neighbor.id), score));
    candidate.distance = neighbor.distance;
    candidate.vector_score = score;
  }
  return finished(std::move(arm));
}

std::vector<query::Candidate> Arms::by_text() {
  auto& reader = session_.reader();
  const auto terms = terms_of(reader, query_.text);
  const auto stats = query_.stats ? *query_.stats : reader.text().stats(terms, session_.deadline());
  TextRanking ranking(depth(), [&](Row row) { return reader.id_of(row); });
  reader.text().rank(terms, stats, [&](Row row, double score) {
    if (allowed_ == nullptr || allowed_->contains(row)) ranking.offer(row, score);
  });
  std::vector<query::Candidate> arm;
  for (auto& ranked : ranking.take()) {
    auto& candidate =
        arm.emplace_back(candidate_of(ranked.row, std::move(ranked.id), ranked.score));
    candidate.text_score = ranked.score;
    measure(candidate);
  }
  return finished(std::move(arm));
}

query::Candidate Arms::candidate_of(Row row, std::string id, double score) const {
  query::Candidate candidate;
  candidate.shard = shard_;
  candidate.row = row;
  candidate.id = std::move(id);
  candidate.score = score;
  return candidate;
}

void Arms::measure(query::Candidate& candidate) const {
  if (query_.vector.empty()) return;
  candidate.distance = session_.view().vectors.distance(candidate.row, query_.vector);
  // Where the vector ranks nothing, a score by it would be no part of any.
  if (query_.vector_arm && candidate.distance)
    candidate.vector_score = query::vector_score(metric_, *candidate.distance);
}

std::vector<query::Candidate> Arms::finished(std::vector<query::Candidate> arm) {
  if (!query_.not_id.empty())
    std::erase_if(arm, [&](const auto& candidate) { return candidate.id == query_.not_id; });
  if (arm.size() > query_.depth) arm.resize(query_.depth);
  if (!query_.pagerank) return arm;
  auto& reader = session_.reader();
  for (auto& candidate : arm) candidate.pagerank = reader.pagerank_of(candidate.id);
  return arm;
}

}  // namespace mosaic::shard
