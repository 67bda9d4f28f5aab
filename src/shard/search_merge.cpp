#include "shard/search_merge.hpp"

#include <algorithm>

#include "query/merge.hpp"

namespace mosaic::shard {

std::size_t arm_depth(const SearchRequest& request) {
  const bool hybrid = effective_mode(request) == SearchMode::kHybrid;
  return hybrid ? std::max(2 * request.k, kFusionDepthMin) : request.k;
}

void SearchMerge::add(ShardId shard, ShardCandidates candidates) {
  found_[shard] = std::move(candidates);
}

void SearchMerge::missing(ShardId shard, const std::string& node, const Error& error) {
  found_.erase(shard);
  reply_.failed.push_back({shard, node, error});
}

std::map<ShardId, std::vector<Row>> SearchMerge::rank() {
  const auto depth = arm_depth(request_);
  std::vector<std::vector<query::Candidate>> vector_arms;
  std::vector<std::vector<query::Candidate>> text_arms;
  for (auto& [shard, candidates] : found_) {
    reply_.seq = std::max(reply_.seq, candidates.seq);
    vector_arms.push_back(std::move(candidates.vector_arm));
    text_arms.push_back(std::move(candidates.text_arm));
  }
  auto by_vector = query::merge_top_k(std::move(vector_arms), depth);
  auto by_text = query::merge_top_k(std::move(text_arms), depth);
  switch (effective_mode(request_)) {
    case SearchMode::kVector:
      ranked_ = std::move(by_vector);
      break;
    case SearchMode::kText:
      ranked_ = std::move(by_text);
      break;
    default:
      ranked_ = query::fuse_rrf(std::move(by_vector), std::move(by_text), request_.k);
  }
  if (request_.min_score) {
    std::erase_if(ranked_, [&](const query::Candidate& candidate) {
      return candidate.score < *request_.min_score;
    });
  }
  std::map<ShardId, std::vector<Row>> rows;
  for (const auto& candidate : ranked_) rows[candidate.shard].push_back(candidate.row);
  return rows;
}

void SearchMerge::add_documents(ShardId shard, std::vector<StoredDocument> documents) {
  auto document = documents.begin();
  for (const auto& candidate : ranked_) {
    if (candidate.shard == shard && document != documents.end())
      documents_[{shard, candidate.row}] = std::move(*document++);
  }
}

SearchReply SearchMerge::finish() {
  for (const auto& candidate : ranked_) {
    const auto stored = documents_.find({candidate.shard, candidate.row});
    if (stored == documents_.end()) continue;
    Hit hit;
    hit.stored = std::move(stored->second);
    hit.score = candidate.score;
    hit.distance = candidate.distance;
    hit.scores = {candidate.vector_score, candidate.text_score, std::nullopt};
    reply_.hits.push_back(std::move(hit));
  }
  reply_.partial = !reply_.failed.empty();
  reply_.shards_searched = reply_.shards_total - static_cast<std::uint32_t>(reply_.failed.size());
  std::sort(reply_.failed.begin(), reply_.failed.end(),
            [](const ShardFailure& a, const ShardFailure& b) { return a.shard < b.shard; });
  return std::move(reply_);
}

MergedPage merge_pages(std::vector<Page> pages, std::size_t limit) {
  MergedPage merged;
  // Past the last document of a page that has more, another shard's documents may be ahead of
  // unseen ones.
  const std::string* frontier = nullptr;
  for (const auto& page : pages) {
    if (!page.more) continue;
    merged.more = true;
    if (page.documents.empty()) continue;
    const auto& last = page.documents.back().document.id;
    if (frontier == nullptr || last < *frontier) frontier = &last;
  }
  const std::string end = frontier == nullptr ? std::string() : *frontier;
  for (auto& page : pages) {
    for (auto& stored : page.documents) {
      if (frontier != nullptr && stored.document.id > end) {
        merged.more = true;
        break;
      }
      merged.documents.push_back(std::move(stored));
    }
  }
  std::sort(merged.documents.begin(), merged.documents.end(),
            [](const StoredDocument& a, const StoredDocument& b) {
              return a.document.id < b.document.id;
            });
  if (merged.documents.size() > limit) {
    merged.documents.resize(limit);
    merged.more = true;
  }
  return merged;
}

}  // namespace mosaic::shard
