// The stages of a search and how its shards used the index, as JSON, for answers and for the log of
// slow queries. Nothing of the query or of a document is in them.
#pragma once

#include "base/json_writer.hpp"
#include "mosaic/search.hpp"

namespace mosaic {

/// `[{"name":"rank","took_ms":0.2,"candidates":10,"shards_asked":0,"shards_pruned":[]}, ...]`
void write_stages(JsonWriter& json, const std::vector<Explain::Stage>& stages);

/// `[{"shard":0,"way":"walk","reason":"...","nodes":1000,"tail":5,"matches":1000,"compared":420,
/// "reranked":30,"walk_cost":400,"scan_cost":1000,"codes":"int8"}, ...]`
void write_plans(JsonWriter& json, const std::vector<Explain::ShardPlan>& plans);

}  // namespace mosaic
