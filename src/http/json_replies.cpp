#include "http/json_replies.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "base/settings_json.hpp"
#include "http/explain_reply.hpp"

namespace mosaic::http {
namespace {

void write_text(JsonWriter& json, std::string_view key, const std::optional<std::string>& text) {
  json.key(key);
  text ? json.string(*text) : json.null();
}

void write_number(JsonWriter& json, std::string_view key, const std::optional<double>& number) {
  json.key(key);
  number ? json.number(*number) : json.null();
}

void write_metadata(JsonWriter& json, const std::string& metadata) {
  json.key("metadata");
  metadata.empty() ? json.null() : json.raw(metadata);
}

void write_vector(JsonWriter& json, const Vector& vector) {
  json.key("vector").begin_array();
  for (const auto x : vector) json.number(x);
  json.end_array();
}

void write_vector_or_null(JsonWriter& json, const Vector& vector) {
  if (vector.empty()) {
    json.key("vector").null();
  } else {
    write_vector(json, vector);
  }
}

void write_links(JsonWriter& json, const std::vector<Link>& links) {
  json.key("links").begin_array();
  for (const auto& link : links) {
    json.begin_object();
    json.key("to").string(link.to);
    json.key("kind").string(link.kind);
    json.key("weight").number(link.weight);
    json.end_object();
  }
  json.end_array();
}

void write_content(JsonWriter& json, const Document& document, const Include& include) {
  if (include.title) write_text(json, "title", document.title);
  if (include.text) write_text(json, "text", document.text);
  if (include.metadata) write_metadata(json, document.metadata);
  if (include.links) write_links(json, document.links);
  if (include.vector) write_vector_or_null(json, document.vector);
}

void write_document(JsonWriter& json, const StoredDocument& stored, const Include& include) {
  json.begin_object();
  json.key("id").string(stored.document.id);
  write_content(json, stored.document, include);
  json.key("seq").number(stored.seq);
  write_number(json, "pagerank", stored.pagerank);
  json.key("shard").number(stored.shard.value);
  json.end_object();
}

void write_cursor(JsonWriter& json, const std::string& cursor) {
  json.key("next_cursor");
  cursor.empty() ? json.null() : json.string(cursor);
}

void write_hit(JsonWriter& json, const Hit& hit, const Include& include) {
  json.begin_object();
  json.key("id").string(hit.stored.document.id);
  json.key("score").number(hit.score);
  write_number(json, "distance", hit.distance);
  write_content(json, hit.stored.document, include);
  write_number(json, "pagerank", hit.stored.pagerank);
  json.key("shard").number(hit.stored.shard.value);
  json.key("scores").begin_object();
  write_number(json, "vector", hit.scores.vector);
  write_number(json, "text", hit.scores.text);
  write_number(json, "pagerank", hit.scores.pagerank);
  json.end_object();
  json.end_object();
}

void write_shards_asked(JsonWriter& json, const SearchReply& reply) {
  json.key("shards").begin_object();
  json.key("total").number(reply.shards_total);
  json.key("searched").number(reply.shards_searched);
  json.key("failed").begin_array();
  for (const auto& failure : reply.failed) {
    json.begin_object();
    json.key("shard").number(failure.shard.value);
    json.key("node").string(failure.node);
    json.key("error").string(
        fmt::format("{}: {}", to_string(failure.error.code), failure.error.detail));
    json.end_object();
  }
  json.end_array();
  json.key("missing_share").number(reply.missing_share);
  json.end_object();
}

void write_search(JsonWriter& json, const SearchReply& reply, const Include& include) {
  json.begin_object();
  json.key("hits").begin_array();
  for (const auto& hit : reply.hits) write_hit(json, hit, include);
  json.end_array();
  json.key("took_ms").number(reply.took_ms);
  json.key("seq").number(reply.seq);
  json.key("partial").boolean(reply.partial);
  write_shards_asked(json, reply);
  if (reply.explain) write_explain(json.key("explain"), *reply.explain);
  if (reply.audit) write_audit(json.key("audit"), *reply.audit);
  json.end_object();
}

void write_shard(JsonWriter& json, const ShardInfo& shard) {
  json.begin_object();
  json.key("id").number(shard.id.value);
  json.key("node").string(shard.node);
  json.key("state").string(to_string(shard.state));
  json.key("documents").number(shard.documents);
  json.key("indexed").number(shard.indexed);
  json.key("bytes").number(shard.bytes);
  json.end_object();
}

void write_collection(JsonWriter& json, const CollectionInfo& info) {
  json.begin_object();
  json.key("name").string(info.settings.name);
  write_settings(json, info.settings, "shard_count");
  json.key("documents").number(info.documents);
  json.key("edges").number(info.edges);
  json.key("seq").number(info.seq);
  json.key("shards").begin_array();
  for (const auto& shard : info.shards) write_shard(json, shard);
  json.end_array();
  json.end_object();
}

/// Runs `write` on an empty writer.
template <class Write>
std::string written(Write&& write) {
  JsonWriter json;
  write(json);
  return json.take();
}

std::string deleted_json(std::uint64_t deleted, Seq seq, std::optional<bool> applied) {
  return written([&](JsonWriter& json) {
    json.begin_object();
    json.key("deleted").number(deleted);
    json.key("seq").number(seq);
    if (applied) json.key("applied").boolean(*applied);
    json.end_object();
  });
}

}  // namespace

std::string collection_json(const CollectionInfo& info) {
  return written([&](JsonWriter& json) { write_collection(json, info); });
}

std::string collections_json(const std::vector<CollectionInfo>& infos) {
  return written([&](JsonWriter& json) {
    json.begin_object().key("collections").begin_array();
    for (const auto& info : infos) write_collection(json, info);
    json.end_array().end_object();
  });
}

std::string dropped_json(Seq seq) {
  return deleted_json(1, seq, std::nullopt);
}

std::string upsert_json(const UpsertReply& reply) {
  return written([&](JsonWriter& json) {
    json.begin_object();
    json.key("upserted").number(reply.upserted);
    json.key("seq").number(reply.seq);
    json.key("applied").boolean(reply.applied);
    json.end_object();
  });
}

std::string delete_json(const DeleteReply& reply) {
  return deleted_json(reply.deleted, reply.seq, reply.applied);
}

std::string document_json(const StoredDocument& stored, const Include& include) {
  return written([&](JsonWriter& json) { write_document(json, stored, include); });
}

std::string documents_json(const ListReply& page, const Include& include) {
  return written([&](JsonWriter& json) {
    json.begin_object().key("documents").begin_array();
    for (const auto& stored : page.documents) write_document(json, stored, include);
    json.end_array();
    write_cursor(json, page.next_cursor);
    json.end_object();
  });
}

std::string ids_json(const ListReply& page) {
  return written([&](JsonWriter& json) {
    json.begin_object().key("ids").begin_array();
    for (const auto& stored : page.documents) json.string(stored.document.id);
    json.end_array();
    write_cursor(json, page.next_cursor);
    json.end_object();
  });
}

void append_export_line(std::string& out, const Document& document) {
  JsonWriter json;
  json.begin_object().key("id").string(document.id);
  if (document.title) json.key("title").string(*document.title);
  if (document.text) json.key("text").string(*document.text);
  if (!document.vector.empty()) write_vector(json, document.vector);
  if (!document.metadata.empty()) json.key("metadata").raw(document.metadata);
  if (!document.links.empty()) write_links(json, document.links);
  json.end_object();
  out += json.take();
  out += '\n';
}

std::string search_json(const SearchReply& reply, const Include& include) {
  return written([&](JsonWriter& json) { write_search(json, reply, include); });
}

std::string search_batch_json(const std::vector<SearchReply>& replies,
                              const std::vector<Include>& includes) {
  return written([&](JsonWriter& json) {
    json.begin_object().key("results").begin_array();
    for (std::size_t i = 0; i < replies.size(); ++i) write_search(json, replies[i], includes[i]);
    json.end_array().end_object();
  });
}

}  // namespace mosaic::http
