// The links of a collection: those at the home of their source are the truth, those at the home of
// their target its mirror. One thread.
#pragma once

#include <vector>

#include "check/mirror.hpp"
#include "check/shard_check.hpp"

namespace mosaic::check {

/// The entry that all readable shards of a collection have applied; links are compared as of it.
Seq common_seq(const std::vector<ShardCheck>& checks);

/// Live links of documents whose home this shard is.
std::uint64_t live_links(storage::Database& database, const storage::ShardIdentity& identity);

/// Which shards, of those of one collection by number, mirror another's links wrongly.
std::vector<MirrorPair> different_mirrors(const std::vector<ShardPlace>& places,
                                          const std::vector<ShardCheck>& checks);

/// Likewise, as findings; and each shard's count of links against its rows.
void check_edges(Scope& scope, const std::vector<ShardPlace>& places,
                 const std::vector<ShardCheck>& checks);

}  // namespace mosaic::check
