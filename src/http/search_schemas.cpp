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
    "fusion": {"type": "string", "enum": ["rrf", "weighted"], "default": "rrf", "description": "How hybrid search joins its rankings: by the reciprocals of ranks, or by scores brought to 0..1."},
    "weights": {"$ref": "#/components/schemas/Weights"},
    "diversity": {"type": "number", "minimum": 0, "maximum": 1, "default": 0, "description": "How much a hit loses for being like a better one (maximal marginal relevance)."},
    "filter": {"$ref": "#/components/schemas/Filter"},
    "where": {"type": "string", "description": "An SQL expression over id, title, text, metadata, pagerank and seq."},
    "min_score": {"type": "number", "description": "Leaves out hits that score less, before diversity takes anything off."},
    "exact": {"type": "boolean", "default": false, "description": "Compare with every vector."},
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
    "vector": {"type": "number", "minimum": 0, "maximum": 1000, "default": 1},
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
    "explain": {"$ref": "#/components/schemas/Explain"}
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
  "required": ["stages", "hits"],
  "properties": {
    "stages": {"type": "array", "items": {"$ref": "#/components/schemas/ExplainedStage"}},
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
      {"Explain", kExplain},
      {"ExplainedStage", kExplainedStage},
      {"ExplainedHit", kExplainedHit},
      {"BatchSearchRequest", kBatchSearchRequest},
      {"BatchSearchReply", kBatchSearchReply},
  };
  return all;
}

}  // namespace mosaic::http
