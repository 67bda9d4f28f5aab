// What the log says of a search that took too long: where its time went, and nothing that a user
// wrote. Pure functions.
#pragma once

#include <vector>

#include "base/log_line.hpp"
#include "mosaic/search.hpp"

namespace mosaic::shard {

/// How a search ended, without its hits.
struct SearchEnd {
  double took_ms = 0;
  std::vector<Explain::Stage> stages;
  std::vector<Explain::ShardPlan> plans = {};
};

/// Whether a deadline ended it, be it for one shard: such a search is worth a line however short
/// its time was.
bool ran_out_of_time(const Result<SearchReply>& reply);

/// Of a search that answered, in part or whole. Of query, vector, document, filter and where only
/// whether they were there.
std::vector<log::Field> slow_query_line(const SearchRequest& request, const SearchReply& reply,
                                        const SearchEnd& end);

/// Of one that failed: the error's code, because its detail may show values.
std::vector<log::Field> slow_query_line(const SearchRequest& request, const Error& error,
                                        const SearchEnd& end);

}  // namespace mosaic::shard
