#include "http/json_reader.hpp"
#include "http/json_requests.hpp"

namespace mosaic::http {
namespace {

/// An empty one would stand for none, and that was not meant.
std::string read_name(JsonValue value) {
  auto name = value.string();
  if (name.empty()) value.refuse_value("a name; leave the field out for the default");
  return name;
}

void read_backup_field(BackupRequest& request, std::string_view key, JsonValue value) {
  if (key == "collection") {
    request.collection = value.string();
  } else if (key == "target") {
    request.target = value.string();
  } else if (key == "snapshot") {
    request.snapshot = read_name(value);
  } else {
    refuse_unknown(value);
  }
}

void read_restore_field(RestoreRequest& request, std::string_view key, JsonValue value) {
  if (key == "source") {
    request.source = value.string();
  } else if (key == "collection") {
    request.collection = value.string();
  } else if (key == "as") {
    request.as = read_name(value);
  } else if (key == "backup") {
    request.backup = read_name(value);
  } else if (key == "replace") {
    request.replace = value.boolean();
  } else {
    refuse_unknown(value);
  }
}

}  // namespace

SnapshotRequest read_snapshot(std::string collection, std::string body) {
  SnapshotRequest request{std::move(collection), {}};
  if (body.empty()) return request;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      if (key != "name") refuse_unknown(value);
      request.name = value.string();
      // An empty one stands for none, and that was not meant.
      if (const auto checked = validate_snapshot_name(request.name); !checked)
        throw Failure(checked.error());
    });
  });
  return request;
}

PruneRequest read_prune(std::string collection, std::string body) {
  PruneRequest request{std::move(collection), 0};
  bool given = false;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      if (key != "keep") refuse_unknown(value);
      request.keep = static_cast<std::uint32_t>(value.whole_number(0, kSnapshotsKeepMax));
      given = true;
    });
    if (!given) refuse_missing("keep", object.path());
  });
  return request;
}

BackupRequest read_backup(std::string body) {
  BackupRequest request;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field(
        [&](std::string_view key, JsonValue value) { read_backup_field(request, key, value); });
    if (request.collection.empty()) refuse_missing("collection", object.path());
    if (request.target.empty()) refuse_missing("target", object.path());
  });
  return request;
}

RestoreRequest read_restore(std::string body) {
  RestoreRequest request;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field(
        [&](std::string_view key, JsonValue value) { read_restore_field(request, key, value); });
    if (request.source.empty()) refuse_missing("source", object.path());
    if (request.collection.empty()) refuse_missing("collection", object.path());
  });
  return request;
}

}  // namespace mosaic::http
