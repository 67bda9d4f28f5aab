#include "shard/arms.hpp"

#include <algorithm>
#include <tuple>

#include "index/stored_scan.hpp"
#include "query/merge.hpp"
#include "shard/text_ranking.hpp"
#include "text/stop_words.hpp"

namespace mosaic::shard {

std::vector<std::string> terms_of(storage::ShardReader& reader, const std::string& text) {
  auto terms = text::query_terms(reader.text().words(text));
  if (!terms) throw Failure(terms.error());
  return std::move(*terms);
}

Arms::VectorArm Arms::by_vector() {
  auto found = nearest();
  if (session_.past()) add_ended(found);
  std::vector<query::Candidate> arm;
  for (auto& neighbor : found.neighbors) {
    const auto score = query::vector_score(metric_, neighbor.distance);
    auto& candidate = arm.emplace_back(candidate_of(neighbor.row, std::move(neighbor.id), score));
    candidate.distance = neighbor.distance;
    candidate.vector_score = score;
  }
  return {finished(std::move(arm)), std::move(found.plan)};
}

index::Nearest Arms::nearest() {
  index::NearestRequest request;
  request.query = query_.vector;
  request.k = depth();
  request.filter = allowed_;
  request.ef = query_.ef;
  request.exact = query_.exact;
  request.deadline = session_.deadline();
  auto found = session_.view().vectors.nearest(request);
  if (found) return std::move(*found);
  if (found.error().code != ErrorCode::kCorruptData) throw Failure(found.error());
  damage_ = found.error();
  return nearest_stored();
}

index::Nearest Arms::nearest_stored() {
  const auto& vectors = session_.view().vectors;
  index::StoredScan scan(metric_, static_cast<std::uint32_t>(query_.vector.size()), query_.vector,
                         std::max<std::size_t>(std::min(depth(), vectors.live()), 1));
  session_.reader().for_each_vector([&](Row row, std::string_view id, std::string_view bytes) {
    if (allowed_ == nullptr || allowed_->contains(row)) scan.offer(row, id, bytes);
  });
  index::Nearest found;
  found.plan.way = "scan";
  found.plan.reason = "the index file is damaged";
  found.plan.compared = scan.offered();
  found.neighbors = scan.take();
  return found;
}

/// The view finds what was live then and still is; the vectors of what has ended since are in the
/// file. By the keys that both are ordered by: distances may tie where these do not.
void Arms::add_ended(index::Nearest& found) {
  index::StoredScan scan(metric_, static_cast<std::uint32_t>(query_.vector.size()), query_.vector,
                         std::max<std::size_t>(depth(), 1));
  session_.reader().past().for_each_ended_vector(
      *session_.past(), *allowed_,
      [&](Row row, std::string_view id, std::string_view bytes) { scan.offer(row, id, bytes); });
  found.plan.compared += scan.offered();
  for (auto& neighbor : scan.take()) found.neighbors.push_back(std::move(neighbor));
  std::sort(found.neighbors.begin(), found.neighbors.end(), [](const auto& a, const auto& b) {
    return std::tie(a.key, a.id) < std::tie(b.key, b.id);
  });
  if (found.neighbors.size() > depth()) found.neighbors.resize(depth());
}

Arms::TextArm Arms::by_text() {
  auto& reader = session_.reader();
  const auto terms = terms_of(reader, query_.text);
  const auto stats = query_.stats ? *query_.stats : reader.text().stats(terms, session_.deadline());
  TextRanking ranking(depth(), [&](Row row) { return reader.id_of(row); });
  const auto offer = [&](Row row, double score) {
    if (allowed_ == nullptr || allowed_->contains(row)) ranking.offer(row, score);
  };
  reader.text().rank(terms, stats, offer);
  if (session_.past()) reader.text().rank_ended(terms, stats, offer);
  std::vector<query::Candidate> arm;
  for (auto& ranked : ranking.take()) {
    auto& candidate =
        arm.emplace_back(candidate_of(ranked.row, std::move(ranked.id), ranked.score));
    candidate.text_score = ranked.score;
    measure(candidate);
  }
  return {finished(std::move(arm)), storage::full_score(stats)};
}

query::Candidate Arms::candidate_of(Row row, std::string id, double score) const {
  query::Candidate candidate;
  candidate.shard = shard_;
  candidate.row = row;
  candidate.id = std::move(id);
  candidate.score = score;
  return candidate;
}

void Arms::measure(query::Candidate& candidate) {
  if (query_.vector.empty()) return;
  candidate.distance = distance_of(candidate);
  // Where the vector ranks nothing, a score by it would be no part of any.
  if (query_.vector_arm && candidate.distance)
    candidate.vector_score = query::vector_score(metric_, *candidate.distance);
}

std::optional<double> Arms::distance_of(const query::Candidate& candidate) {
  const auto distance = session_.view().vectors.distance(candidate.row, query_.vector);
  // The view knows no vectors of rows that have ended since.
  if (distance && (*distance || !session_.past())) return *distance;
  if (!distance && distance.error().code != ErrorCode::kCorruptData)
    throw Failure(distance.error());
  if (!distance) damage_ = distance.error();
  const auto bytes = session_.reader().vector_bytes(candidate.row);
  if (!bytes) return std::nullopt;
  const auto dimension = static_cast<std::uint32_t>(query_.vector.size());
  return index::StoredScan(metric_, dimension, query_.vector, 1).distance(candidate.id, *bytes);
}

std::vector<query::Candidate> Arms::finished(std::vector<query::Candidate> arm) {
  if (!query_.not_id.empty())
    std::erase_if(arm, [&](const auto& candidate) { return candidate.id == query_.not_id; });
  if (arm.size() > query_.depth) arm.resize(query_.depth);
  if (!query_.pagerank) return arm;
  auto& reader = session_.reader();
  const auto* past = session_.past();
  for (auto& candidate : arm)
    candidate.pagerank =
        past ? reader.past().pagerank_of(*past, candidate.id) : reader.pagerank_of(candidate.id);
  return arm;
}

}  // namespace mosaic::shard
