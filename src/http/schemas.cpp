#include "http/schemas.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kCollectionSettings = R"({
  "type": "object",
  "description": "What a collection is made with. Every field has a default.",
  "additionalProperties": false,
  "properties": {
    "dimension": {"type": "integer", "minimum": 1, "maximum": 65536, "default": 256, "description": "Numbers in a vector."},
    "metric": {"type": "string", "enum": ["cosine", "l2", "dot", "l1"], "default": "cosine", "description": "What makes two vectors near."},
    "shards": {"type": "integer", "minimum": 1, "maximum": 1024, "default": 1, "description": "How many files share the documents."},
    "routing": {"type": "string", "enum": ["hash"], "default": "hash", "description": "How a document finds its shard."},
    "replicas": {"type": "integer", "minimum": 1, "default": 1, "description": "Copies of each shard."},
    "embedder": {"type": "string", "enum": ["builtin", "hash", "none"], "default": "builtin", "description": "What makes vectors from title and text where none came."},
    "quantization": {"type": "string", "enum": ["none", "float16", "int8", "binary"], "default": "int8", "description": "How the index keeps vectors."},
    "index": {"$ref": "#/components/schemas/IndexSettings"},
    "indexed": {"type": "array", "maxItems": 64, "items": {"type": "string"}, "default": [], "description": "Dotted metadata paths that filters find fast."},
    "retention_s": {"type": "integer", "minimum": 0, "default": 0, "description": "Seconds of history that are kept."}
  },
  "example": {"dimension": 256, "metric": "cosine", "shards": 2, "indexed": ["section"]}
})";

constexpr std::string_view kIndexSettings = R"({
  "type": "object",
  "description": "The vector index.",
  "additionalProperties": false,
  "properties": {
    "type": {"type": "string", "enum": ["hnsw", "flat"], "default": "hnsw", "description": "A graph, or a scan of everything."},
    "m": {"type": "integer", "minimum": 2, "maximum": 128, "default": 16, "description": "Links of a node."},
    "ef_construction": {"type": "integer", "minimum": 8, "maximum": 4096, "default": 200, "description": "Candidates while building."}
  }
})";

constexpr std::string_view kCollectionPatch = R"({
  "type": "object",
  "description": "What may change while a collection lives. `index` is replaced as a whole.",
  "additionalProperties": false,
  "properties": {
    "indexed": {"type": "array", "maxItems": 64, "items": {"type": "string"}, "description": "Dotted metadata paths that filters find fast."},
    "retention_s": {"type": "integer", "minimum": 0, "description": "Seconds of history that are kept."},
    "index": {"$ref": "#/components/schemas/IndexSettings"},
    "quantization": {"type": "string", "enum": ["none", "float16", "int8", "binary"], "description": "How the index keeps vectors."},
    "replicas": {"type": "integer", "minimum": 1, "description": "Copies of each shard."}
  },
  "example": {"indexed": ["section", "size"]}
})";

constexpr std::string_view kCollection = R"({
  "type": "object",
  "description": "A collection's settings, counts and shards.",
  "required": ["name", "dimension", "metric", "shard_count", "routing", "replicas", "embedder", "quantization", "index", "indexed", "retention_s", "documents", "edges", "seq", "shards"],
  "properties": {
    "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$"},
    "dimension": {"type": "integer", "description": "Numbers in a vector."},
    "metric": {"type": "string", "enum": ["cosine", "l2", "dot", "l1"]},
    "shard_count": {"type": "integer", "description": "The `shards` that it was made with."},
    "routing": {"type": "string"},
    "replicas": {"type": "integer"},
    "embedder": {"type": "string"},
    "quantization": {"type": "string", "enum": ["none", "float16", "int8", "binary"]},
    "index": {"$ref": "#/components/schemas/IndexSettings"},
    "indexed": {"type": "array", "items": {"type": "string"}},
    "retention_s": {"type": "integer"},
    "documents": {"type": "integer", "description": "Live documents."},
    "edges": {"type": "integer", "description": "Links between them."},
    "seq": {"type": "integer", "description": "The newest write that is applied."},
    "shards": {"type": "array", "items": {"$ref": "#/components/schemas/Shard"}}
  }
})";

constexpr std::string_view kCollectionList = R"({
  "type": "object",
  "required": ["collections"],
  "properties": {"collections": {"type": "array", "items": {"$ref": "#/components/schemas/Collection"}}}
})";

constexpr std::string_view kShard = R"({
  "type": "object",
  "required": ["id", "node", "state", "documents", "indexed", "bytes"],
  "properties": {
    "id": {"type": "integer"},
    "node": {"type": "string", "description": "Where it lives."},
    "state": {"type": "string", "enum": ["starting", "up", "down", "parked"]},
    "documents": {"type": "integer", "description": "Live documents."},
    "indexed": {"type": "integer", "description": "Live documents that vector search answers for."},
    "bytes": {"type": "integer", "description": "Size on disk."}
  }
})";

constexpr std::string_view kDropReply = R"({
  "type": "object",
  "required": ["deleted", "seq"],
  "properties": {
    "deleted": {"type": "integer", "const": 1},
    "seq": {"type": "integer", "description": "The number of this write."}
  }
})";

constexpr std::string_view kDocument = R"({
  "type": "object",
  "description": "A document as it is written. Text, vector and metadata may each be missing or null.",
  "additionalProperties": false,
  "required": ["id"],
  "properties": {
    "id": {"type": "string", "minLength": 1, "maxLength": 512, "description": "1 to 512 bytes without control characters."},
    "title": {"type": ["string", "null"], "description": "Weighs more than text in a text search."},
    "text": {"type": ["string", "null"], "description": "At most 1 MiB."},
    "vector": {"type": ["array", "null"], "minItems": 1, "maxItems": 65536, "items": {"type": "number"}, "description": "As many numbers as the collection's dimension. Where it is missing, the embedder makes it."},
    "metadata": {"type": ["object", "null"], "description": "Any JSON object, at most 64 KiB and 100 levels deep."},
    "links": {"type": ["array", "null"], "maxItems": 100000, "items": {"$ref": "#/components/schemas/Link"}}
  },
  "example": {"id": "nginx", "title": "nginx", "text": "small, powerful, scalable web/proxy server", "metadata": {"section": "httpd"}, "links": ["libc6"]}
})";

constexpr std::string_view kLink = R"({
  "description": "An edge to another document, which need not exist yet: its id, or an object.",
  "oneOf": [
    {"type": "string"},
    {
      "type": "object",
      "additionalProperties": false,
      "required": ["to"],
      "properties": {
        "to": {"type": "string", "description": "An id."},
        "kind": {"type": "string", "default": ""},
        "weight": {"type": "number", "default": 1}
      }
    }
  ]
})";

constexpr std::string_view kUpsertRequest = R"({
  "type": "object",
  "description": "The last of two documents with one id wins.",
  "additionalProperties": false,
  "required": ["documents"],
  "properties": {"documents": {"type": "array", "minItems": 1, "maxItems": 10000, "items": {"$ref": "#/components/schemas/Document"}}}
})";

constexpr std::string_view kUpsertReply = R"({
  "type": "object",
  "required": ["upserted", "seq", "applied"],
  "properties": {
    "upserted": {"type": "integer", "description": "Documents written."},
    "seq": {"type": "integer", "description": "The number of this write."},
    "applied": {"type": "boolean", "description": "Whether searches see it already."}
  }
})";

constexpr std::string_view kDeleteRequest = R"({
  "type": "object",
  "description": "Exactly one of the three.",
  "additionalProperties": false,
  "minProperties": 1,
  "maxProperties": 1,
  "properties": {
    "ids": {"type": "array", "minItems": 1, "maxItems": 10000, "items": {"type": "string"}},
    "filter": {"$ref": "#/components/schemas/Filter"},
    "where": {"type": "string", "description": "An SQL expression."}
  },
  "example": {"ids": ["nginx"]}
})";

constexpr std::string_view kDeleteReply = R"({
  "type": "object",
  "required": ["deleted", "seq", "applied"],
  "properties": {
    "deleted": {"type": "integer", "description": "Documents that there were."},
    "seq": {"type": "integer", "description": "The number of this write."},
    "applied": {"type": "boolean", "description": "Whether searches see it already."}
  }
})";

constexpr std::string_view kStoredDocument = R"({
  "type": "object",
  "description": "A document as it is read.",
  "required": ["id", "seq", "pagerank", "shard"],
  "properties": {
    "id": {"type": "string"},
    "title": {"type": ["string", "null"]},
    "text": {"type": ["string", "null"]},
    "metadata": {"type": ["object", "null"]},
    "links": {"type": "array", "items": {"$ref": "#/components/schemas/StoredLink"}},
    "vector": {"type": ["array", "null"], "items": {"type": "number"}, "description": "Only when included."},
    "seq": {"type": "integer", "description": "The write that made this version."},
    "pagerank": {"type": ["number", "null"]},
    "shard": {"type": "integer"}
  }
})";

constexpr std::string_view kStoredLink = R"({
  "type": "object",
  "required": ["to", "kind", "weight"],
  "properties": {
    "to": {"type": "string"},
    "kind": {"type": "string"},
    "weight": {"type": "number"}
  }
})";

constexpr std::string_view kDocumentPage = R"({
  "type": "object",
  "required": ["documents", "next_cursor"],
  "properties": {
    "documents": {"type": "array", "items": {"$ref": "#/components/schemas/StoredDocument"}},
    "next_cursor": {"type": ["string", "null"], "description": "null on the last page."}
  }
})";

constexpr std::string_view kIdPage = R"({
  "type": "object",
  "required": ["ids", "next_cursor"],
  "properties": {
    "ids": {"type": "array", "items": {"type": "string"}},
    "next_cursor": {"type": ["string", "null"], "description": "null on the last page."}
  }
})";

constexpr std::string_view kFilter = R"({
  "type": "object",
  "description": "Paths of metadata with the value they must have, or with operators: $eq $ne $gt $gte $lt $lte $in $nin $exists $contains; $and, $or and $not join filters. Dots reach into objects; $id, $title and $text name the document's own fields.",
  "example": {"section": "net", "size": {"$gt": 100}}
})";

constexpr std::string_view kSearchRequest = R"({
  "type": "object",
  "description": "One of `query` and `vector` is needed; the rest has defaults.",
  "additionalProperties": false,
  "anyOf": [{"required": ["query"]}, {"required": ["vector"]}],
  "properties": {
    "query": {"type": "string", "minLength": 1, "description": "Words to look for."},
    "vector": {"type": "array", "minItems": 1, "maxItems": 65536, "items": {"type": "number"}, "description": "As many numbers as the collection's dimension."},
    "k": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 10, "description": "Hits wanted."},
    "mode": {"type": "string", "enum": ["vector", "text", "hybrid"], "description": "`hybrid` when there is a query, else `vector`."},
    "filter": {"$ref": "#/components/schemas/Filter"},
    "where": {"type": "string", "description": "An SQL expression over id, title, text, metadata, pagerank and seq."},
    "min_score": {"type": "number", "description": "Leaves out hits that score less."},
    "exact": {"type": "boolean", "default": false, "description": "Compare with every vector."},
    "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 600000, "description": "Shards that need longer are named as failed."},
    "include": {"type": "array", "items": {"type": "string", "enum": ["title", "text", "metadata", "vector", "links"]}, "default": ["title", "text", "metadata"], "description": "What hits carry."}
  },
  "example": {"query": "web server", "k": 5, "filter": {"section": "httpd"}, "include": ["title"]}
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
      "required": ["total", "searched", "failed"],
      "properties": {
        "total": {"type": "integer"},
        "searched": {"type": "integer"},
        "failed": {"type": "array", "items": {"$ref": "#/components/schemas/ShardFailure"}}
      }
    }
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
      "description": "What the score is made of; null where there is none.",
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

constexpr std::string_view kHealth = R"({
  "type": "object",
  "required": ["status", "version", "node", "uptime_s", "shards"],
  "properties": {
    "status": {"type": "string", "enum": ["ok", "degraded"]},
    "version": {"type": "string"},
    "node": {"type": "string"},
    "uptime_s": {"type": "number"},
    "shards": {
      "type": "object",
      "required": ["up", "down"],
      "properties": {"up": {"type": "integer"}, "down": {"type": "integer"}}
    }
  }
})";

constexpr std::string_view kReady = R"({
  "type": "object",
  "required": ["ready"],
  "properties": {"ready": {"type": "boolean", "const": true}}
})";

constexpr std::string_view kProblem = R"({
  "type": "object",
  "description": "What went wrong (RFC 9457).",
  "required": ["type", "title", "status", "detail", "code", "trace_id"],
  "properties": {
    "type": {"type": "string", "format": "uri-reference"},
    "title": {"type": "string", "description": "What the code means."},
    "status": {"type": "integer", "description": "The HTTP status."},
    "detail": {"type": "string", "description": "One sentence that names the field and its value."},
    "code": {"type": "string", "enum": ["invalid_argument", "method_not_allowed", "not_found", "already_exists", "dimension_mismatch", "payload_too_large", "unauthenticated", "permission_denied", "overloaded", "unavailable", "deadline_exceeded", "corrupt_data", "internal"], "description": "For programs; it never changes."},
    "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "That of the request's `traceparent`, else a random one."}
  }
})";

constexpr std::string_view kOpenApi = R"({
  "type": "object",
  "description": "An OpenAPI 3.1 document.",
  "required": ["openapi", "info", "paths"]
})";

}  // namespace

const std::vector<Schema>& schemas() {
  static const std::vector<Schema> all = {
      {"CollectionSettings", kCollectionSettings},
      {"IndexSettings", kIndexSettings},
      {"CollectionPatch", kCollectionPatch},
      {"Collection", kCollection},
      {"CollectionList", kCollectionList},
      {"Shard", kShard},
      {"DropReply", kDropReply},
      {"Document", kDocument},
      {"Link", kLink},
      {"UpsertRequest", kUpsertRequest},
      {"UpsertReply", kUpsertReply},
      {"DeleteRequest", kDeleteRequest},
      {"DeleteReply", kDeleteReply},
      {"StoredDocument", kStoredDocument},
      {"StoredLink", kStoredLink},
      {"DocumentPage", kDocumentPage},
      {"IdPage", kIdPage},
      {"Filter", kFilter},
      {"SearchRequest", kSearchRequest},
      {"SearchReply", kSearchReply},
      {"Hit", kHit},
      {"ShardFailure", kShardFailure},
      {"BatchSearchRequest", kBatchSearchRequest},
      {"BatchSearchReply", kBatchSearchReply},
      {"Health", kHealth},
      {"Ready", kReady},
      {"OpenApi", kOpenApi},
      {"Problem", kProblem},
  };
  return all;
}

}  // namespace mosaic::http
