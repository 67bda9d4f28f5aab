#include "shard/search_merge.hpp"

#include <algorithm>

#include "query/merge.hpp"

namespace mosaic::shard {
namespace {

using Counts = std::vector<std::optional<std::uint64_t>>;

/// The mean of the known counts, which stands in for an unknown one.
double mean_of(const Counts& counts) {
  double sum = 0;
  double known = 0;
  for (const auto& count : counts) {
    if (!count) continue;
    sum += static_cast<double>(*count);
    ++known;
  }
  return known == 0 ? 0 : sum / known;
}

}  // namespace

SearchMerge::SearchMerge(SearchRequest request, Counts known_documents)
    : request_(std::move(request)), known_documents_(std::move(known_documents)) {
  reply_.shards_total = static_cast<std::uint32_t>(known_documents_.size());
}

void SearchMerge::add(ShardId shard, ShardCandidates candidates) {
  reply_.seq = std::max(reply_.seq, candidates.seq);
  known_documents_.at(shard.value) = candidates.documents;
  if (candidates.plan) plans_[shard] = std::move(*candidates.plan);
  const auto& arm = candidates.vector_arm.empty() ? candidates.text_arm : candidates.vector_arm;
  const auto along = std::min(arm.size(), candidates.stored.size());
  for (std::size_t i = 0; i < along; ++i)
    documents_[{shard, arm[i].row}] = std::move(candidates.stored[i]);
  found_[shard] = std::move(candidates);
}

void SearchMerge::missing(ShardId shard, const std::string& node, const Error& error) {
  failed_.try_emplace(shard, ShardFailure{shard, node, error});
  found_.erase(shard);
  nearest_.erase(shard);
  plans_.erase(shard);
  std::erase_if(ranked_, [&](const auto& candidate) { return candidate.shard == shard; });
}

SearchArms SearchMerge::take_arms() {
  SearchArms arms;
  for (auto& [shard, candidates] : found_) {
    if (request_.audit) {
      nearest_[shard] = candidates.vector_arm;
      query::keep_best(nearest_[shard], request_.k);
    }
    arms.vector_arms.push_back(std::move(candidates.vector_arm));
    arms.text_arms.push_back(std::move(candidates.text_arm));
    arms.full_text_score = std::max(arms.full_text_score, candidates.full_text_score);
  }
  found_.clear();
  return arms;
}

std::vector<query::Candidate> SearchMerge::nearest() const {
  std::vector<std::vector<query::Candidate>> lists;
  for (const auto& [shard, list] : nearest_) lists.push_back(list);
  return query::merge_top_k(std::move(lists), request_.k);
}

std::vector<Explain::ShardPlan> SearchMerge::plans() const {
  std::vector<Explain::ShardPlan> plans;
  for (const auto& [shard, plan] : plans_) plans.push_back({shard, plan});
  return plans;
}

std::map<ShardId, std::vector<Row>> SearchMerge::rows() const {
  std::map<ShardId, std::vector<Row>> rows;
  for (const auto& candidate : ranked_) {
    if (!documents_.contains({candidate.shard, candidate.row}))
      rows[candidate.shard].push_back(candidate.row);
  }
  return rows;
}

void SearchMerge::add_documents(ShardId shard, std::vector<StoredDocument> documents) {
  auto document = documents.begin();
  for (const auto& candidate : ranked_) {
    if (document == documents.end()) break;
    const std::pair key(shard, candidate.row);
    if (candidate.shard == shard && !documents_.contains(key))
      documents_[key] = std::move(*document++);
  }
}

std::vector<Vector> SearchMerge::vectors() const {
  std::vector<Vector> vectors;
  for (const auto& candidate : ranked_) {
    const auto stored = documents_.find({candidate.shard, candidate.row});
    vectors.push_back(stored == documents_.end() ? Vector() : stored->second.document.vector);
  }
  return vectors;
}

Hit SearchMerge::hit_of(const query::Candidate& candidate, StoredDocument stored) const {
  // Diversity fetches vectors for itself.
  if (!request_.include.vector) stored.document.vector.clear();
  return {std::move(stored),
          candidate.score,
          candidate.distance,
          {candidate.vector_score, candidate.text_score, candidate.pagerank}};
}

double SearchMerge::missing_share() const {
  if (failed_.empty()) return 0;
  const auto mean = mean_of(known_documents_);
  double all = 0;
  double missing = 0;
  for (std::uint32_t i = 0; i < known_documents_.size(); ++i) {
    // With nothing to go by, or nothing but empty shards, one shard is as good as another.
    const double count = mean == 0             ? 1
                         : known_documents_[i] ? static_cast<double>(*known_documents_[i])
                                               : mean;
    all += count;
    if (failed_.contains({i})) missing += count;
  }
  return missing / all;
}

SearchReply SearchMerge::finish() {
  if (request_.explain) reply_.explain = Explain{{}, std::nullopt, plans(), {}};
  for (const auto& candidate : ranked_) {
    const auto stored = documents_.find({candidate.shard, candidate.row});
    if (stored == documents_.end()) continue;
    reply_.hits.push_back(hit_of(candidate, std::move(stored->second)));
    if (reply_.explain)
      reply_.explain->hits.push_back({candidate.id, candidate.score, candidate.parts});
  }
  for (auto& [shard, failure] : failed_) reply_.failed.push_back(std::move(failure));
  reply_.partial = !failed_.empty();
  reply_.shards_searched = reply_.shards_total - static_cast<std::uint32_t>(failed_.size());
  reply_.missing_share = missing_share();
  return std::move(reply_);
}

}  // namespace mosaic::shard
