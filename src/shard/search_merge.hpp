// Joins what the shards of a collection answer to one search. Pure: the coordinator feeds it
// replies and failures, in any order, and asks what to do next. Hits whose shard fails before their
// documents are fetched are left out and the answer says so.
#pragma once

#include <map>
#include <vector>

#include "shard/shard_searcher.hpp"

namespace mosaic::shard {

/// Hybrid search looks at least so deep into each arm: fusion needs ranks below the page that is
/// shown.
constexpr std::size_t kFusionDepthMin = 100;

/// How many candidates each arm of each shard shall give.
std::size_t arm_depth(const SearchRequest& request);

class SearchMerge {
 public:
  SearchMerge(SearchRequest request, std::uint32_t shards) : request_(std::move(request)) {
    reply_.shards_total = shards;
  }

  void add(ShardId shard, ShardCandidates candidates);
  /// The shard does not answer any more. Its candidates are dropped.
  void missing(ShardId shard, const std::string& node, const Error& error);

  /// Ranks all candidates; the rows to fetch from each shard. Call it once, after the last add().
  std::map<ShardId, std::vector<Row>> rank();
  /// Documents of `shard` in the order of the rows that rank() gave for it.
  void add_documents(ShardId shard, std::vector<StoredDocument> documents);

  SearchReply finish();

 private:
  const SearchRequest request_;
  SearchReply reply_;
  std::map<ShardId, ShardCandidates> found_;
  std::vector<query::Candidate> ranked_;
  std::map<std::pair<ShardId, Row>, StoredDocument> documents_;
};

/// One page out of the shards' pages, which each hold the first documents after a common position.
struct MergedPage {
  std::vector<StoredDocument> documents;
  bool more = false;
};
MergedPage merge_pages(std::vector<Page> pages, std::size_t limit);

}  // namespace mosaic::shard
