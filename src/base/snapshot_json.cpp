#include "base/snapshot_json.hpp"

#include "base/rfc3339.hpp"
#include "base/settings_json.hpp"

namespace mosaic {
namespace {

void write_fields(JsonWriter& json, const Snapshot& snapshot) {
  json.key("name").string(snapshot.name);
  json.key("seq").number(snapshot.seq);
  json.key("created_at").string(to_rfc3339(snapshot.created_at_ms));
  json.key("documents").number(snapshot.documents);
  json.key("files").begin_array();
  for (const auto& file : snapshot.files) {
    json.begin_object();
    json.key("path").string(file.path);
    json.key("bytes").number(file.bytes);
    json.key("sha256").string(file.sha256);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_snapshot(JsonWriter& json, const Snapshot& snapshot) {
  json.begin_object();
  write_fields(json, snapshot);
  json.end_object();
}

std::string snapshot_json(const Snapshot& snapshot) {
  JsonWriter json;
  write_snapshot(json, snapshot);
  return json.take();
}

void write_backup(JsonWriter& json, const Backup& backup) {
  json.begin_object();
  json.key("id").string(backup.id);
  json.key("collection").string(backup.collection);
  if (backup.damage.empty()) {
    json.key("seq").number(backup.seq);
    json.key("created_at").string(to_rfc3339(backup.created_at_ms));
    json.key("documents").number(backup.documents);
    json.key("bytes").number(backup.bytes);
    json.key("stored_bytes").number(backup.stored_bytes);
    json.key("new_bytes").number(backup.new_bytes);
  } else {
    json.key("damage").string(backup.damage);
  }
  json.end_object();
}

std::string backup_json(const Backup& backup) {
  JsonWriter json;
  write_backup(json, backup);
  return json.take();
}

std::string snapshot_file_json(const Snapshot& snapshot, const CollectionSettings& settings) {
  JsonWriter json;
  json.begin_object();
  json.key("collection").string(settings.name);
  write_fields(json, snapshot);
  json.key("settings").begin_object();
  write_settings(json, settings, "shards");
  json.end_object();
  json.end_object();
  return json.take() + '\n';
}

}  // namespace mosaic
