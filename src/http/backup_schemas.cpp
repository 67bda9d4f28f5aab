#include "http/backup_schemas.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kSnapshotRequest = R"({
  "type": "object",
  "description": "A snapshot to be made.",
  "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$", "description": "Not digits alone, which would be a seq. The default is made from the time."}
  },
  "example": {"name": "before-the-import"}
})";

constexpr std::string_view kSnapshotFile = R"({
  "type": "object",
  "description": "A copy of one shard: a SQLite file that stands alone.",
  "required": ["path", "bytes", "sha256"],
  "properties": {
    "path": {"type": "string", "description": "Below the data folder of the node that led when it was made."},
    "bytes": {"type": "integer", "minimum": 0},
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
  }
})";

constexpr std::string_view kSnapshot = R"({
  "type": "object",
  "description": "A named state of a collection, kept until it is deleted.",
  "required": ["name", "seq", "created_at", "documents", "files"],
  "properties": {
    "name": {"type": "string"},
    "seq": {"type": "integer", "minimum": 1, "description": "The state that it keeps: all writes up to this one."},
    "created_at": {"type": "string", "format": "date-time"},
    "documents": {"type": "integer", "minimum": 0},
    "files": {"type": "array", "items": {"$ref": "#/components/schemas/SnapshotFile"}, "description": "One of each shard, all of the same state."}
  }
})";

constexpr std::string_view kSnapshotList = R"({
  "type": "object",
  "required": ["snapshots"],
  "properties": {"snapshots": {"type": "array", "items": {"$ref": "#/components/schemas/Snapshot"}, "description": "The newest first."}}
})";

constexpr std::string_view kPruneRequest = R"({
  "type": "object",
  "description": "How many of the newest snapshots stay.",
  "additionalProperties": false,
  "required": ["keep"],
  "properties": {"keep": {"type": "integer", "minimum": 0, "maximum": 1000000}},
  "example": {"keep": 5}
})";

constexpr std::string_view kPruneReply = R"({
  "type": "object",
  "required": ["deleted", "snapshots"],
  "properties": {
    "deleted": {"type": "array", "items": {"type": "string"}, "description": "Names."},
    "snapshots": {"type": "array", "items": {"$ref": "#/components/schemas/Snapshot"}, "description": "Those that stay, the newest first."}
  }
})";

constexpr std::string_view kBackupRequest = R"({
  "type": "object",
  "description": "A backup to be made. Only what the target does not have yet goes up.",
  "additionalProperties": false,
  "required": ["collection", "target"],
  "properties": {
    "collection": {"type": "string"},
    "target": {"type": "string", "description": "`file:///FOLDER`, a folder of the machine of the node that leads, or `s3://BUCKET/PREFIX`."},
    "snapshot": {"type": "string", "description": "The state of this snapshot; without it the newest one."}
  },
  "example": {"collection": "packages", "target": "file:///var/backups/mosaic"}
})";

constexpr std::string_view kBackup = R"({
  "type": "object",
  "description": "A backup of one collection. One that is damaged has `damage` in place of the numbers.",
  "required": ["id", "collection"],
  "properties": {
    "id": {"type": "string"},
    "collection": {"type": "string"},
    "seq": {"type": "integer", "description": "The state of the collection that it keeps, in the log of its cluster."},
    "created_at": {"type": "string", "format": "date-time"},
    "documents": {"type": "integer", "minimum": 0},
    "bytes": {"type": "integer", "minimum": 0, "description": "Of the shards' files."},
    "stored_bytes": {"type": "integer", "minimum": 0, "description": "Of all objects that it needs, also those it shares with others."},
    "new_bytes": {"type": "integer", "minimum": 0, "description": "Of the objects that went up for it."},
    "damage": {"type": "string", "description": "Why it cannot be restored."}
  }
})";

constexpr std::string_view kBackupList = R"({
  "type": "object",
  "required": ["backups"],
  "properties": {"backups": {"type": "array", "items": {"$ref": "#/components/schemas/Backup"}, "description": "By collection, then from the oldest to the newest."}}
})";

constexpr std::string_view kRestoreRequest = R"({
  "type": "object",
  "description": "A backup that becomes a collection.",
  "additionalProperties": false,
  "required": ["source", "collection"],
  "properties": {
    "source": {"type": "string", "description": "The target that the backup was made to."},
    "collection": {"type": "string", "description": "What it was called when it was backed up."},
    "as": {"type": "string", "description": "What it is called from now on; the default is the same."},
    "backup": {"type": "string", "description": "An id; the default is the newest."},
    "replace": {"type": "boolean", "default": false, "description": "Whether it may take the place of a collection of that name, once it is there whole; that one's snapshots go."}
  },
  "example": {"source": "file:///var/backups/mosaic", "collection": "packages", "as": "packages-old"}
})";

constexpr std::string_view kRestoreReply = R"({
  "type": "object",
  "required": ["collection", "seq", "documents", "bytes", "backup", "created_at"],
  "properties": {
    "collection": {"type": "string"},
    "seq": {"type": "integer", "description": "The log entry that made it."},
    "documents": {"type": "integer", "minimum": 0},
    "bytes": {"type": "integer", "minimum": 0},
    "backup": {"type": "string", "description": "Its id."},
    "created_at": {"type": "string", "format": "date-time", "description": "When the backup was made."}
  }
})";

}  // namespace

const std::vector<Schema>& backup_schemas() {
  static const std::vector<Schema> all = {
      {"SnapshotRequest", kSnapshotRequest}, {"Snapshot", kSnapshot},
      {"SnapshotFile", kSnapshotFile},       {"SnapshotList", kSnapshotList},
      {"PruneRequest", kPruneRequest},       {"PruneReply", kPruneReply},
      {"BackupRequest", kBackupRequest},     {"Backup", kBackup},
      {"BackupList", kBackupList},           {"RestoreRequest", kRestoreRequest},
      {"RestoreReply", kRestoreReply},
  };
  return all;
}

}  // namespace mosaic::http
