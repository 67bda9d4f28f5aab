#include "http/schemas.hpp"

#include "http/backup_schemas.hpp"
#include "http/cluster_schemas.hpp"
#include "http/search_schemas.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kCollectionSettings = R"({
  "type": "object",
  "description": "What a collection is made with. Every field has a default.",
  "additionalProperties": false,
  "properties": {
    "dimension": {"type": "integer", "minimum": 1, "maximum": 65536, "default": 256, "description": "Numbers in a vector. With an endpoint as embedder the default is what it gives."},
    "metric": {"type": "string", "enum": ["cosine", "l2", "dot", "l1"], "default": "cosine", "description": "What makes two vectors near."},
    "shards": {"type": "integer", "minimum": 1, "maximum": 1024, "default": 1, "description": "How many files share the documents."},
    "routing": {"type": "string", "enum": ["hash", "centroid"], "default": "hash", "description": "How a document finds its shard: by the hash of its id, or by its vector, as the shard whose centroid is nearest. Before centroids are trained or set, and without a vector, by hash."},
    "replicas": {"type": "integer", "minimum": 1, "maximum": 7, "default": 1, "description": "Nodes of a cluster that hold each shard; all of them, if there are fewer. With 2 or more, answers stay whole when a node is lost."},
    "embedder": {"type": "string", "pattern": "^(builtin|hash|none|model:.+|openai:https?://.+)$", "maxLength": 2048, "default": "builtin", "description": "What makes vectors from title and text where none came: the built-in model, hash (words alone, at any dimension), a model in a folder on the node as model:PATH, or an endpoint with OpenAI's interface as openai:URL#MODEL; none: clients send them."},
    "quantization": {"type": "string", "enum": ["none", "float16", "int8", "binary"], "default": "int8", "description": "How the index keeps vectors."},
    "index": {"$ref": "#/components/schemas/IndexSettings"},
    "indexed": {"type": "array", "maxItems": 64, "items": {"type": "string"}, "default": [], "description": "Dotted metadata paths that filters find fast."},
    "retention_s": {"type": "integer", "minimum": 0, "default": 0, "description": "Seconds of history that are kept, for `as_of`; 0: only what snapshots show."}
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
    "retention_s": {"type": "integer", "minimum": 0, "description": "Seconds of history that are kept, for `as_of`; 0: only what snapshots show."},
    "index": {"$ref": "#/components/schemas/IndexSettings"},
    "quantization": {"type": "string", "enum": ["none", "float16", "int8", "binary"], "description": "How the index keeps vectors."},
    "replicas": {"type": "integer", "minimum": 1, "maximum": 7, "description": "Nodes that hold each shard: files are copied, or given up, while searches go on."}
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
    "routing": {"type": "string", "enum": ["hash", "centroid"]},
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

constexpr std::string_view kHealth = R"({
  "type": "object",
  "required": ["status", "version", "node", "uptime_s", "shards", "failing"],
  "properties": {
    "status": {"type": "string", "enum": ["ok", "degraded"]},
    "version": {"type": "string"},
    "node": {"type": "string"},
    "uptime_s": {"type": "number"},
    "shards": {
      "type": "object",
      "required": ["up", "down"],
      "properties": {"up": {"type": "integer"}, "down": {"type": "integer"}}
    },
    "failing": {"type": "array", "items": {"$ref": "#/components/schemas/FailingShard"}}
  }
})";

constexpr std::string_view kFailingShard = R"({
  "type": "object",
  "description": "A shard that does not serve, and why.",
  "required": ["collection", "shard", "state", "error"],
  "properties": {
    "collection": {"type": "string"},
    "shard": {"type": "integer"},
    "state": {"type": "string", "enum": ["starting", "up", "down", "parked"]},
    "error": {"type": "string"}
  }
})";

constexpr std::string_view kPageRankRequest = R"({
  "type": "object",
  "description": "How a walker goes from document to document; documents where it often is rank high.",
  "additionalProperties": false,
  "properties": {
    "damping": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0.85, "description": "How likely it follows a link; else it jumps to any document."},
    "iterations": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 200, "description": "Rounds at most."},
    "tolerance": {"type": "number", "minimum": 0, "default": 1e-9, "description": "Ends when a round changes less, as a sum over all documents."},
    "weighted": {"type": "boolean", "default": false, "description": "Links are followed in proportion to their weight."}
  },
  "example": {"damping": 0.85}
})";

constexpr std::string_view kReembedRequest = R"({
  "type": "object",
  "description": "The embedder that a collection goes over to. Its documents keep their text, their seq and their links; those without title and text end without a vector, also where a client had sent one.",
  "additionalProperties": false,
  "required": ["embedder"],
  "properties": {
    "embedder": {"type": "string", "pattern": "^(builtin|hash|model:.+|openai:https?://.+)$", "maxLength": 2048, "description": "As in the settings of a collection; also the one it has, when its model has changed."},
    "dimension": {"type": "integer", "minimum": 1, "maximum": 65536, "description": "Numbers of a vector; by default the embedder's own."}
  },
  "example": {"embedder": "builtin"}
})";

constexpr std::string_view kCentroids = R"({
  "type": "object",
  "description": "The centroids of a collection that is routed by them.",
  "required": ["centroids", "seq", "settled", "recall"],
  "properties": {
    "centroids": {"type": "array", "maxItems": 1024, "items": {"type": "array", "items": {"type": "number"}}, "description": "One for each shard, in their order; none before the first training."},
    "seq": {"type": "integer", "description": "The write that set them; 0: there are none."},
    "settled": {"type": "boolean", "description": "false while documents move to where they belong."},
    "recall": {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "description": "What to expect of searches in the nearest 1, 2, ... shards: the share of the 10 nearest documents that these hold, measured on a sample. Empty while that is not known."}
  }
})";

constexpr std::string_view kCentroidsRequest = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["centroids"],
  "properties": {
    "centroids": {"type": "array", "minItems": 1, "maxItems": 1024, "items": {"type": "array", "minItems": 1, "maxItems": 65536, "items": {"type": "number"}}, "description": "One for each shard, in their order, as documents' vectors are."}
  },
  "example": {"centroids": [[0.1, 0.9], [0.8, -0.2]]}
})";

constexpr std::string_view kTrainRequest = R"({
  "type": "object",
  "description": "k-means over a sample of the documents' vectors, from a start by k-means++. The same options over the same documents give the same centroids.",
  "additionalProperties": false,
  "properties": {
    "sample": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 10000, "description": "Vectors, at least one for each shard."},
    "iterations": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 25, "description": "At most so many."},
    "seed": {"type": "integer", "minimum": 0, "default": 0, "description": "Of the start."}
  },
  "example": {"seed": 7}
})";

constexpr std::string_view kJob = R"({
  "type": "object",
  "description": "Long work that goes on beside other requests.",
  "required": ["id", "kind", "state", "progress", "detail", "result"],
  "properties": {
    "id": {"type": "string"},
    "kind": {"type": "string", "description": "What it does, like `pagerank`."},
    "state": {"type": "string", "enum": ["running", "done", "failed", "cancelled"]},
    "progress": {"type": "number", "minimum": 0, "maximum": 1},
    "detail": {"type": "string", "description": "What it is at, or why it failed."},
    "result": {"type": ["object", "null"], "description": "null until it is done."}
  }
})";

constexpr std::string_view kJobList = R"({
  "type": "object",
  "required": ["jobs"],
  "properties": {"jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}}
})";

constexpr std::string_view kFaultRequest = R"({
  "type": "object",
  "description": "A part that shall behave badly. `slow` and `drop` are for parts that answer requests: shard, searcher, coordinator, ingest.",
  "additionalProperties": false,
  "required": ["part", "fault"],
  "properties": {
    "part": {"type": "string", "enum": ["shard", "searcher", "indexer", "log", "supervisor", "coordinator", "ingest", "ranker", "embedding", "jobs", "engine"]},
    "fault": {"type": "string", "enum": ["crash", "stall", "slow", "drop"], "description": "It crashes; does nothing for `duration_ms`; takes `duration_ms` longer for each of its next `count` messages; never answers its next `count` requests."},
    "collection": {"type": "string", "description": "Of the shard, searcher or indexer."},
    "shard": {"type": "integer", "minimum": 0, "maximum": 1023, "default": 0},
    "duration_ms": {"type": "integer", "minimum": 0, "maximum": 600000, "default": 0},
    "count": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 1}
  },
  "example": {"part": "searcher", "fault": "slow", "collection": "docs", "shard": 0, "duration_ms": 500, "count": 10}
})";

constexpr std::string_view kFaultReply = R"({
  "type": "object",
  "required": ["injected"],
  "properties": {"injected": {"type": "boolean", "const": true}}
})";

constexpr std::string_view kLogLevel = R"({
  "type": "object",
  "description": "Lines from this level on are logged.",
  "additionalProperties": false,
  "required": ["level"],
  "properties": {"level": {"type": "string", "enum": ["trace", "debug", "info", "warn", "error", "critical", "off"]}}
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
    "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "That of the request's `traceparent`, else a random one; the answer's `X-Request-Id`, too."}
  }
})";

constexpr std::string_view kOpenApi = R"({
  "type": "object",
  "description": "An OpenAPI 3.1 document.",
  "required": ["openapi", "info", "paths"]
})";

}  // namespace

const std::vector<Schema>& schemas() {
  static const auto all = [] {
    std::vector<Schema> list = {
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
    };
    list.insert(list.end(), search_schemas().begin(), search_schemas().end());
    list.insert(list.end(), {
                                {"Health", kHealth},
                                {"FailingShard", kFailingShard},
                                {"Centroids", kCentroids},
                                {"CentroidsRequest", kCentroidsRequest},
                                {"TrainRequest", kTrainRequest},
                                {"PageRankRequest", kPageRankRequest},
                                {"ReembedRequest", kReembedRequest},
                                {"Job", kJob},
                                {"JobList", kJobList},
                            });
    list.insert(list.end(), backup_schemas().begin(), backup_schemas().end());
    list.insert(list.end(), cluster_schemas().begin(), cluster_schemas().end());
    list.insert(list.end(), {
                                {"FaultRequest", kFaultRequest},
                                {"FaultReply", kFaultReply},
                                {"LogLevel", kLogLevel},
                                {"Ready", kReady},
                                {"OpenApi", kOpenApi},
                                {"Problem", kProblem},
                            });
    return list;
  }();
  return all;
}

}  // namespace mosaic::http
