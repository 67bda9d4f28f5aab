#include "http/search_schemas.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kFilter = R"({
  "type": "object",
  "description": "Paths of metadata with the value they must have, or with operators: $eq $ne $gt $gte $lt $lte $in $nin $exists $contains; $and, $or and $not join filters. Dots reach into objects; $id, $title and $text name the document's own fields.",
  "example": {"section": "net", "size": {"$gt": 100}}
})";

constexpr std::string_view kSearchRequest = R"({
  "type": "object",
  "description": "One of `query`, `vector` and `document` is needed; the rest has defaults.",
  "additionalProperties": false,
  "anyOf": [{"required": ["query"]}, {"required": ["vector"]}, {"required": ["document"]}],
  "not": {"required": ["vector", "document"]},
  "properties": {
    "query": {"type": "string", "minLength": 1, "description": "Words to look for."},
    "vector": {"type": "array", "minItems": 1, "maxItems": 65536, "items": {"type": "number"}, "description": "As many numbers as the collection's dimension."},
    "document": {"type": "string", "minLength": 1, "maxLength": 512, "description": "More like the document with this id, which is no hit itself: by its vector, and in text or hybrid mode without a `query` by its words."},
    "k": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 10, "description": "Hits wanted."},
    "mode": {"type": "string", "enum": ["vector", "text", "hybrid"], "description": "`hybrid` when there is a query, else `vector`."},
    "fusion": {"type": "string", "enum": ["rrf", "weighted"], "default": "weighted", "description": "How hybrid search joins its rankings: by scores brought to 0..1, or by the reciprocals of ranks."},
    "weights": {"$ref": "#/components/schemas/Weights"},
    "diversity": {"type": "number", "minimum": 0, "maximum": 1, "default": 0, "description": "How much a hit loses for being like a better one (maximal marginal relevance)."},
    "filter": {"$ref": "#/components/schemas/Filter"},
    "where": {"type": "string", "description": "An SQL expression over id, title, text, metadata, pagerank and seq."},
    "min_score": {"type": "number", "description": "Leaves out hits that score less, before diversity takes anything off."},
    "ef": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100, "description": "How widely a search looks around in the vector index, at least `k`: more finds more and takes longer. Without effect where nothing is searched by vector, or with `exact`."},
    "exact": {"type": "boolean", "default": false, "description": "Compare with every vector that passes the filter instead of asking the vector index. Without effect where nothing is searched by vector."},
    "shards_to_search": {"type": "integer", "minimum": 0, "maximum": 1024, "default": 0, "description": "In a collection that is routed by centroid: look for vectors in the so many shards alone whose centroids are nearest to the query's; 0: in all. Fewer are faster and find less, `explain` says how much less to expect. Text is looked for in all, and so are vectors while documents move to new centroids."},
    "audit": {"type": "boolean", "default": false, "description": "Search by vector exactly as well, in the time that is left, and say how much of that the answer holds. Nothing to audit, and so no `audit` in the answer, where nothing is searched by vector (`text`, or `hybrid` without a vector)."},
    "as_of": {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string", "minLength": 1, "maxLength": 256}], "description": "Search a state of the past: a number is a seq; a string is the name of a snapshot, else an RFC 3339 time; a time to come is now. Vectors, filters, links and PageRank are those of then; text finds the same documents, ranked with the statistics of now. A state that is not kept is refused (404), and the oldest one that is named: a collection keeps `retention_s` of history, and what its snapshots show."},
    "consistency": {"type": "string", "enum": ["eventual", "session", "strong"], "default": "session", "description": "How fresh the answer must be, in a cluster: `eventual` is whatever the node that answers has applied, `session` at least the write `min_seq`, `strong` all that was acknowledged on any node before the search began, which needs a leader."},
    "min_seq": {"type": "integer", "minimum": 0, "default": 0, "description": "The `seq` of a write that the answer must hold, as its answer told it. Only `session` looks at it."},
    "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 600000, "description": "Shards that need longer are named as failed."},
    "include": {"type": "array", "items": {"type": "string", "enum": ["title", "text", "metadata", "vector", "links"]}, "default": ["title", "text", "metadata"], "description": "What hits carry."},
    "explain": {"type": "boolean", "default": false, "description": "Say how the search went and what scores are made of."}
  },
  "example": {"query": "web server", "k": 5, "filter": {"section": "httpd"}, "include": ["title"]}
})";

constexpr std::string_view kWeights = R"({
  "type": "object",
  "description": "How much each part counts in hybrid search. `vector` or `text` must be positive; one that is 0 brings no hits.",
  "additionalProperties": false,
  "properties": {
    "vector": {"type": "number", "minimum": 0, "maximum": 1000, "description": "1 when not given; with `weighted` in a collection whose embedder is builtin, hash or a model file 0.6."},
    "text": {"type": "number", "minimum": 0, "maximum": 1000, "default": 1},
    "pagerank": {"type": "number", "minimum": 0, "maximum": 1000, "default": 0, "description": "Of what the others found."}
  }
})";

constexpr std::string_view kSearchReply = R"({
  "type": "object",
  "required": ["hits", "took_ms", "seq", "partial", "shards"],
  "properties": {
    "hits": {"type": "array", "items": {"$ref": "#/components/schemas/Hit"}},
    "took_ms": {"type": "number"},
    "seq": {"type": "integer", "description": "The write up to which the answer holds."},
    "partial": {"type": "boolean", "description": "Some shard did not answer."},
    "shards": {
      "type": "object",
      "required": ["total", "searched", "failed", "missing_share"],
      "properties": {
        "total": {"type": "integer"},
        "searched": {"type": "integer"},
        "failed": {"type": "array", "items": {"$ref": "#/components/schemas/ShardFailure"}},
        "missing_share": {"type": "number", "minimum": 0, "maximum": 1, "description": "Of the collection's documents, as an estimate: those not searched."}
      }
    },
    "explain": {"$ref": "#/components/schemas/Explain"},
    "audit": {"$ref": "#/components/schemas/Audit"}
  }
})";

constexpr std::string_view kAudit = R"({
  "type": "object",
  "description": "Only when asked for: the `k` nearest by vector, before fusion, `min_score` and diversity, against those of an exact search of the same state in the shards that answered. What is as near as the last of the exact ones counts as found.",
  "required": ["recall", "expected", "found", "missed"],
  "properties": {
    "recall": {"type": ["number", "null"], "minimum": 0, "maximum": 1, "description": "`found` / `expected`, 1 where nothing matches; null when there was no audit."},
    "expected": {"type": "integer", "minimum": 0, "description": "`k`, or as many as match."},
    "found": {"type": "integer", "minimum": 0},
    "missed": {"type": "array", "items": {"type": "string"}, "description": "Ids, nearest first."},
    "error": {"type": "string", "description": "Why there was no audit: a shard did not answer in time, or the state that the search saw was gone. The hits are not worse for it."}
  }
})";

constexpr std::string_view kHit = R"({
  "type": "object",
  "description": "A document that was found; title, text, metadata, vector and links as `include` says.",
  "required": ["id", "score", "distance", "pagerank", "shard", "scores"],
  "properties": {
    "id": {"type": "string"},
    "score": {"type": "number", "description": "Larger is better."},
    "distance": {"type": ["number", "null"], "description": "By the collection's metric; null without a vector on either side."},
    "title": {"type": ["string", "null"]},
    "text": {"type": ["string", "null"]},
    "metadata": {"type": ["object", "null"]},
    "links": {"type": "array", "items": {"$ref": "#/components/schemas/StoredLink"}},
    "vector": {"type": ["array", "null"], "items": {"type": "number"}},
    "pagerank": {"type": ["number", "null"]},
    "shard": {"type": "integer"},
    "scores": {
      "type": "object",
      "description": "What each part of the search found; null where there is none.",
      "required": ["vector", "text", "pagerank"],
      "properties": {
        "vector": {"type": ["number", "null"]},
        "text": {"type": ["number", "null"]},
        "pagerank": {"type": ["number", "null"]}
      }
    }
  }
})";

constexpr std::string_view kShardFailure = R"({
  "type": "object",
  "required": ["shard", "node", "error"],
  "properties": {
    "shard": {"type": "integer"},
    "node": {"type": "string"},
    "error": {"type": "string", "description": "The code, a colon and what happened."}
  }
})";

constexpr std::string_view kExplain = R"({
  "type": "object",
  "description": "Only when asked for.",
  "required": ["stages", "index", "hits"],
  "properties": {
    "stages": {"type": "array", "items": {"$ref": "#/components/schemas/ExplainedStage"}},
    "routing": {"$ref": "#/components/schemas/ExplainedRouting"},
    "index": {"type": "array", "items": {"$ref": "#/components/schemas/ExplainedIndex"}, "description": "One of each shard that was searched by vector, by shard."},
    "hits": {"type": "array", "items": {"$ref": "#/components/schemas/ExplainedHit"}, "description": "In the order of the hits."}
  }
})";

constexpr std::string_view kExplainedStage = R"({
  "type": "object",
  "required": ["name", "took_ms", "candidates", "shards_asked", "shards_pruned"],
  "properties": {
    "name": {"type": "string"},
    "took_ms": {"type": "number"},
    "candidates": {"type": "integer", "description": "What the stage left over."},
    "shards_asked": {"type": "integer"},
    "shards_pruned": {"type": "array", "items": {"type": "integer"}, "description": "Shards that the stage had no need to ask, or could not."}
  }
})";

constexpr std::string_view kExplainedRouting = R"({
  "type": "object",
  "description": "Which shards were asked for vectors; only where a collection is routed by centroid.",
  "required": ["asked", "pruned", "expected_recall", "reason"],
  "properties": {
    "asked": {"type": "integer", "minimum": 0},
    "pruned": {"type": "array", "items": {"type": "integer"}, "description": "Shards whose centroids are farther from the query's vector."},
    "expected_recall": {"type": ["number", "null"], "minimum": 0, "maximum": 1, "description": "The share of the 10 nearest documents that the shards asked are expected to hold, as measured on a sample after documents had moved: 1 when all were asked, null when it was not measured."},
    "reason": {"type": "string", "description": "Why so many, for people."}
  }
})";

constexpr std::string_view kExplainedIndex = R"({
  "type": "object",
  "description": "How one shard looked for the nearest vectors, and what it cost.",
  "required": ["shard", "way", "reason", "nodes", "tail", "matches", "compared", "reranked", "walk_cost", "scan_cost", "codes"],
  "properties": {
    "shard": {"type": "integer"},
    "way": {"type": "string", "enum": ["scan", "scan_matches", "walk", "walk_then_scan"], "description": "`scan`: every vector; `scan_matches`: those that pass the filter; `walk`: through the graph; `walk_then_scan`: a walk that met too few matches and was given up for a scan of them."},
    "reason": {"type": "string", "description": "Why this way, for people."},
    "nodes": {"type": "integer", "description": "Of the graph; 0 without one."},
    "tail": {"type": "integer", "description": "Vectors that are not yet in the graph; they are always scanned."},
    "matches": {"type": "integer", "description": "Nodes of the graph that pass the filter."},
    "compared": {"type": "integer", "description": "Codes and vectors that the query was compared with."},
    "reranked": {"type": "integer", "description": "Of those, measured again with their float32 vector."},
    "walk_cost": {"type": "number", "description": "Of a walk, as it was expected, in comparisons; 0 where there was no choice."},
    "scan_cost": {"type": "number", "description": "The same of a scan of the matches."},
    "codes": {"type": "string", "enum": ["none", "float16", "int8", "binary", ""], "description": "How the graph holds vectors: the collection's `quantization`, or a wider one where that would lose what is nearest. Empty without a graph."}
  }
})";

constexpr std::string_view kExplainedHit = R"({
  "type": "object",
  "required": ["id", "score", "parts"],
  "properties": {
    "id": {"type": "string"},
    "score": {"type": "number", "description": "The sum of the parts."},
    "parts": {
      "type": "object",
      "description": "null where a part takes no share.",
      "required": ["vector", "text", "pagerank", "diversity"],
      "properties": {
        "vector": {"type": ["number", "null"]},
        "text": {"type": ["number", "null"]},
        "pagerank": {"type": ["number", "null"]},
        "diversity": {"type": ["number", "null"], "maximum": 0, "description": "What was taken off for likeness to better hits."}
      }
    }
  }
})";

constexpr std::string_view kBatchSearchRequest = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["searches"],
  "properties": {"searches": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/components/schemas/SearchRequest"}}}
})";

constexpr std::string_view kBatchSearchReply = R"({
  "type": "object",
  "required": ["results"],
  "properties": {"results": {"type": "array", "items": {"$ref": "#/components/schemas/SearchReply"}}}
})";

}  // namespace

const std::vector<Schema>& search_schemas() {
  static const std::vector<Schema> all = {
      {"Filter", kFilter},
      {"SearchRequest", kSearchRequest},
      {"Weights", kWeights},
      {"SearchReply", kSearchReply},
      {"Hit", kHit},
      {"ShardFailure", kShardFailure},
      {"Audit", kAudit},
      {"Explain", kExplain},
      {"ExplainedStage", kExplainedStage},
      {"ExplainedRouting", kExplainedRouting},
      {"ExplainedIndex", kExplainedIndex},
      {"ExplainedHit", kExplainedHit},
      {"BatchSearchRequest", kBatchSearchRequest},
      {"BatchSearchReply", kBatchSearchReply},
  };
  return all;
}

}  // namespace mosaic::http
